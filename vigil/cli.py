"""The program `vigil`: what people do beside running the workflow."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from vigil import __version__

DESCRIPTION = """\
Vigil turns round-the-clock recordings of an animal's brain and behaviour into reports.
The workflow itself is run with `snakemake` (see README.md); these commands stand beside it."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command of the program and return its exit status."""
    words = sys.argv[1:] if words is None else list(words)
    if words[:1] == ["pose"]:
        # its words need imports of seconds, which the other commands are spared
        from vigil.pose.program import run

        return run(words[1:])
    parser = argparse.ArgumentParser(
        prog="vigil", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"vigil {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_simulate(commands.add_parser("simulate", help="write a simulated rig, with its truth"))
    _add_agreement(
        commands.add_parser("agreement", help="compare results with the truth of a simulated rig")
    )
    _add_check(commands.add_parser("check", help="check a table of recordings and a configuration"))
    _add_doctor(commands.add_parser("doctor", help="say what works on this machine"))
    _add_verify(commands.add_parser("verify", help="hash the files of a manifest again"))
    _add_restore(commands.add_parser("restore", help="write the raw files of an archive back"))
    _add_sleep(
        commands.add_parser("sleep", help="list what an expert should look at in hypnograms")
    )
    commands.add_parser("pose", help="train a model on labelled frames; draw tracks on a video")
    args = parser.parse_args(words)
    answer: int = args.run(args)
    return answer


def _add_simulate(parser: argparse.ArgumentParser) -> None:
    from vigil.simulate import command

    command.add_arguments(parser)
    parser.set_defaults(run=command.main)


def _add_agreement(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rig", type=Path, help="folder that `vigil simulate` wrote")
    parser.add_argument("results", type=Path, help="folder results/ of the workflow")
    parser.add_argument("--out", type=Path, help="agreement.tsv to write")

    def run(args: argparse.Namespace) -> int:
        from vigil.simulate.agreement import main as agree

        return agree(args.rig, args.results, args.out)

    parser.set_defaults(run=run)


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", type=Path, nargs="?", default=Path("recordings.tsv"))
    parser.add_argument("--config", type=Path, help="config.yaml to check as well")

    def run(args: argparse.Namespace) -> int:
        from vigil.check import check

        return check(args.table, args.config)

    parser.set_defaults(run=run)


def _add_sleep(parser: argparse.ArgumentParser) -> None:
    from vigil.sleep import program

    program.add_arguments(parser)


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    def run(_: argparse.Namespace) -> int:
        from vigil.doctor import examine

        return examine()

    parser.set_defaults(run=run)


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("manifest", type=Path, help="manifest.tsv of transfer")

    def run(args: argparse.Namespace) -> int:
        from vigil.transfer.verify import verify

        return verify(args.manifest)

    parser.set_defaults(run=run)


def _add_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", type=Path, help="archive/<recording>, or one .zarr in it")
    parser.add_argument("folder", type=Path, help="folder to write the files to")

    def run(args: argparse.Namespace) -> int:
        from vigil.transfer.archive import restore

        return restore(args.archive, args.folder)

    parser.set_defaults(run=run)


if __name__ == "__main__":
    sys.exit(main())
