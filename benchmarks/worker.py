"""A Python process of another environment that does tasks one at a time, kept alive between them.

Runs of tools that cannot share an environment can so be interleaved, each with its modules
loaded and its kernels compiled. Tasks and answers are lines of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
ENVIRONMENTS = {"vigil": ".venv", "bench": ".venv-bench"}
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Threads are those of the task, not those that a library starts beside them."""


def python_of(environment: str) -> Path:
    """The interpreter of an environment of this checkout."""
    path = CHECKOUT / ENVIRONMENTS[environment] / "bin" / "python"
    if not path.exists():
        sys.exit(f"{path.parent.parent} is not there; `make bench-downsample` makes it")
    return path


class Worker:
    """A process that serves the tasks of a script.

    Parameters
    ----------
    python : path
        Interpreter of its environment.
    script : path
        Calls `serve` with its tasks.
    """

    def __init__(self, python: Path, script: Path) -> None:
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log")  # noqa: SIM115  as long as self
        self.process = subprocess.Popen(
            [str(python), str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            env=os.environ | ONE_THREAD | {"PYTHONPATH": str(CHECKOUT)},
        )

    def ask(self, task: str, **arguments: Any) -> Any:
        """Have a task done and return its answer."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"task": task, "arguments": arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": f"{self.process.args} ended"}
        if "error" in answer:
            log = Path(self.log.name).read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{task}: {answer['error']}\n{log}")
        return answer["answer"]

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self.process.stdin
        assert self.process.stdout
        if kind is not None:
            self.process.kill()  # it may be in the middle of a task that nobody waits for
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()
        self.log.close()


def serve(tasks: Mapping[str, Callable[..., Any]]) -> None:
    """Do the tasks that come in until the other side hangs up."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"answer": tasks[asked["task"]](**asked["arguments"])}
        except Exception:  # whatever goes wrong in a task is told to who asked for it
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
