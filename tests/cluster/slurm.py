"""A real Slurm of several nodes on this one host, in a folder of its own.

munge, MariaDB, slurmdbd, slurmctld and one slurmd for each node run from Debian's packages with
their own configuration, state, sockets and ports; the machine's own Slurm is not touched. All of
them stay children of this process, so that all of them can be ended by pid.
"""

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

PROGRAMS = {
    "setpriv": "util-linux",
    "munged": "munge",
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "srun": "slurm-client",
    "slurmdbd": "slurmdbd",
    "mariadbd": "mariadb-server",
}
NODES = ("node1", "node2", "node3")
# more than this host may have: jobs as the profile asks for them must find room
CPUS = 4
MEMORY_MB = 12_000
ACCOUNT = "lab"


def missing():
    """Why a cluster cannot be brought up here, in one sentence, or ''."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    packages = [p for name, p in PROGRAMS.items() if not shutil.which(name, path=path)]
    if packages:
        return (
            f"tests on a cluster need Slurm: as root, apt-get install {' '.join(packages)}"
            " (Debian), then run them as root"
        )
    if os.geteuid():
        return "tests on a cluster start their own Slurm, which only root can: run them as root"
    return ""


class Slurm:
    """A cluster that runs; `environment` is what its users need."""

    def __init__(self, folder, accounting=True):
        self.folder = Path(folder)
        self.accounting = accounting
        self.conf = self.folder / "slurm.conf"
        # what a surrounding Slurm job or another cluster left is not ours
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM", "SBATCH"))}
        path = f"{self.folder / 'bin'}:{clean.get('PATH', '')}:/usr/sbin:/sbin"
        self.environment = {**clean, "PATH": path, "SLURM_CONF": str(self.conf)}
        self.daemons = {}

    def ask(self, *command, timeout_s=30):
        """What one of Slurm's commands says."""
        done = subprocess.run(
            command,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def start(self):
        """Bring everything up, in the order in which each needs the one before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("bin", "log", "munge", "state", *NODES):
            (self.folder / name).mkdir(mode=0o755)
        self._start_munge()
        self._configure()
        self._lend_srun()
        if self.accounting:
            self._start_accounting()
        # -i: nothing is known of an earlier state; -D: stay our child
        self._run("slurmctld", "slurmctld", "-D", "-i")
        self._wait("slurmctld", lambda: "UP" in self.ask("scontrol", "ping"))
        for node in NODES:
            self.start_node(node)
        ready = ("sinfo", "-h", "-N", "-p", "cpu", "-t", "idle", "-o", "%N")
        self._wait("slurmctld", lambda: len(self.ask(*ready).split()) == len(NODES))

    def start_node(self, node):
        """Start the daemon of a node."""
        self._run(node, "slurmd", "-D", "-N", node)

    def fail_node(self, node):
        """End a node at once, as when its power fails: its daemon, its steps, their processes."""
        self.daemons.pop(node).kill()
        for pid in self._processes(node):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # what SlurmdTimeout does after some minutes
        self.ask("scontrol", "update", f"nodename={node}", "state=down", "reason=power")

    def mend_node(self, node):
        """Bring a node back."""
        self.start_node(node)
        self.ask("scontrol", "update", f"nodename={node}", "state=resume")

    def processes_of(self, job):
        """Processes of a job, without the steps of Slurm that hold them."""
        mine = f"SLURM_JOB_ID={job}".encode()
        return [pid for pid in self._processes() if mine in _environment(pid)]

    def queue(self, folder=None):
        """Jobs that wait or run, those submitted in a folder or all."""
        rows = [row.split("|") for row in self.ask("squeue", "-h", "-o", "%i|%Z").splitlines()]
        return [job for job, place in rows if folder is None or place == str(folder)]

    def jobs(self, folder):
        """What accounting knows of the jobs submitted in a folder, one mapping each."""
        names = ("JobID", "JobIDRaw", "State", "NodeList", "Partition", "Account", "AllocTRES")
        names += ("ReqMem", "TimelimitRaw", "Start", "End", "WorkDir", "SubmitLine")
        words = ["sacct", "-X", "-D", "-n", "-P", "--delimiter=\x01", "-S", "now-1days"]
        rows = self.ask(*words, "-o", ",".join(names)).splitlines()
        found = [dict(zip(names, row.split("\x01"), strict=True)) for row in rows]
        for job in found:
            # the plugin names the rule and the recording; as a field it is there only at the end
            said = re.search(r"--comment (\S+)", job["SubmitLine"])
            job["Comment"] = said[1] if said else ""
        return [job for job in found if job["WorkDir"] == str(folder)]

    def stop(self):
        """Cancel all jobs, then end every process that this cluster started."""
        if "slurmctld" in self.daemons:
            with contextlib.suppress(Exception):
                if jobs := self.queue():
                    self.ask("scancel", *jobs)
                self._wait("slurmctld", lambda: not self.queue(), timeout_s=15)
        for name in reversed(list(self.daemons)):
            daemon = self.daemons.pop(name)
            daemon.terminate()
            try:
                daemon.wait(15)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        for pid in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _processes(self, node=None):
        """Processes of this cluster's jobs, on one node or all, and of the steps that hold them."""
        ours = f"SLURM_CONF={self.conf}".encode()
        for place in Path("/proc").glob("[0-9]*"):
            try:
                told = _environment(place.name)
                parent = Path(
                    "/proc", re.search(r"PPid:\t(\d+)", (place / "status").read_text())[1]
                )
                step = (parent / "cmdline").read_bytes().startswith(b"slurmstepd")
            except OSError:
                continue
            known = dict(word.split(b"=", 1) for word in told if b"=" in word)
            here = known.get(b"SLURMD_NODENAME", b"").decode()
            if ours in told and here and node in (None, here):
                yield int(place.name)
                if step:
                    yield int(parent.name)

    def _run(self, name, *command, **more):
        with (self.folder / "log" / f"{name}.out").open("w") as out:
            self.daemons[name] = subprocess.Popen(
                # it ends also where this process is killed and cannot end it
                ["setpriv", "--pdeathsig", "TERM", *command],
                env={**self.environment, **more},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
            )

    def _wait(self, name, ready, timeout_s=60):
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            with contextlib.suppress(RuntimeError, subprocess.TimeoutExpired):
                if ready():
                    return
            if self.daemons[name].poll() is not None:
                break
            time.sleep(0.1)
        said = "".join(p.read_text()[-2000:] for p in (self.folder / "log").glob(f"{name}.*"))
        raise RuntimeError(f"{name} did not come up: {said}")

    def _lend_srun(self):
        """An srun that knows the configuration.

        Snakemake's plugin takes SLURM_CONF with all other variables of Slurm from a step.
        """
        srun = self.folder / "bin" / "srun"
        real = shutil.which("srun", path=self.environment["PATH"])
        srun.write_text(f'#!/bin/sh\nSLURM_CONF={self.conf} exec {real} "$@"\n')
        srun.chmod(0o755)

    def _start_munge(self):
        key, self.socket = self.folder / "munge.key", self.folder / "munge" / "socket"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o600)
        words = [f"--socket={self.socket}", f"--key-file={key}"]
        for name in ("log", "pid", "seed"):
            words.append(f"--{name}-file={self.folder / 'munge' / name}")
        # --force: that others could write to /tmp is no matter here
        self._run("munged", "munged", "--foreground", "--force", *words)
        self._wait("munged", lambda: self.ask("munge", "-n", f"--socket={self.socket}"))

    def _start_accounting(self):
        data, door = self.folder / "data", self.folder / "mariadb.socket"
        self.ask(
            "mariadb-install-db",
            "--no-defaults",
            "--user=root",
            f"--datadir={data}",
            "--auth-root-authentication-method=socket",
            "--skip-test-db",
            timeout_s=120,
        )
        words = ["--user=root", f"--datadir={data}", f"--socket={door}", "--skip-networking"]
        words += ["--innodb-lock-wait-timeout=900", f"--pid-file={self.folder / 'mariadb.pid'}"]
        self._run("mariadbd", "mariadbd", "--no-defaults", *words)
        ping = ("mariadb-admin", "--no-defaults", "-S", str(door), "ping")
        self._wait("mariadbd", lambda: self.ask(*ping))
        self._run("slurmdbd", "slurmdbd", "-D", MYSQL_UNIX_PORT=str(door))
        show = ("sacctmgr", "-n", "show", "cluster")
        self._wait("slurmdbd", lambda: self.ask(*show) or True)
        for what in (
            ("cluster", "vigil"),
            ("account", ACCOUNT, "Cluster=vigil"),
            ("user", "root", f"Account={ACCOUNT}", f"DefaultAccount={ACCOUNT}"),
        ):
            self.ask("sacctmgr", "-i", "-Q", "add", *what)

    def _configure(self):
        control, accounts, *nodes = _free_ports(2 + len(NODES))
        names = {"folder": self.folder, "socket": self.socket, "host": socket.gethostname()}
        text = _template("slurm.conf").format(**names, port=control)
        if self.accounting:
            text += _template("accounting.conf").format(**names, port=accounts)
            private = self.folder / "slurmdbd.conf"
            private.write_text(_template("slurmdbd.conf").format(**names, port=accounts))
            private.chmod(0o600)
        for node, port in zip(NODES, nodes, strict=True):
            gres = "Gres=gpu:1" if node == "node1" else ""
            text += (
                f"NodeName={node} NodeHostname={node} NodeAddr=127.0.0.1 Port={port} CPUs={CPUS}"
                f" RealMemory={MEMORY_MB} {gres} State=UNKNOWN\n"
            )
        # a job that asks for a GPU and for no partition of GPUs waits for ever, as on a cluster
        text += "PartitionName=cpu Nodes=node[1-3] Default=YES MaxTime=1-00:00:00\n"
        text += "PartitionName=gpu Nodes=node1 MaxTime=1-00:00:00\n"
        self.conf.write_text(text)
        (self.folder / "gres.conf").write_text("NodeName=node1 Name=gpu File=/dev/null\n")


def _template(name):
    return Path(__file__).with_name(name).read_text()


def _environment(pid):
    """What a process was given as NAME=value."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _free_ports(number):
    """Ports that nobody listens on now."""
    with contextlib.ExitStack() as held:
        doors = [held.enter_context(socket.socket()) for _ in range(number)]
        for door in doors:
            door.bind(("127.0.0.1", 0))
        return [door.getsockname()[1] for door in doors]
