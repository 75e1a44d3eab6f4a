"""`vigil simulate`: write a simulated rig."""

from __future__ import annotations

import argparse
from pathlib import Path

from vigil.simulate.settings import Rig


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `vigil simulate`."""
    default = Rig()
    parser.add_argument("out", type=Path, metavar="OUT", help="folder to write")
    parser.add_argument("--animals", type=int, default=default.animals)
    parser.add_argument(
        "--labelled",
        type=int,
        default=None,
        help="so many animals get an expert's sleep labels (default: three of five)",
    )
    parser.add_argument("--recordings-per-animal", type=int, default=1, metavar="N")
    parser.add_argument(
        "--minutes", type=float, default=default.minutes, help="length of each recording"
    )
    parser.add_argument("--channels", type=int, default=default.channels)
    parser.add_argument("--seed", type=int, default=default.seed, help="same seed, same bytes")
    parser.add_argument("--start", default=default.start, help="ISO 8601 with offset")
    parser.add_argument("--no-video", action="store_true", help="no camera")
    parser.add_argument(
        "--natural",
        action="store_true",
        help="bouts as long as a mouse's; otherwise minutes hold several of each",
    )
    parser.add_argument(
        "--varied",
        action="store_true",
        help="animals that differ on purpose, and states that are less clear",
    )
    parser.add_argument(
        "--epileptic",
        action="store_true",
        help="seizures that differ on purpose, and artefacts that look like them",
    )
    parser.add_argument(
        "--preictal",
        type=float,
        default=0.0,
        metavar="MIN",
        help="with --epileptic: something grows over so many minutes before lead seizures",
    )


def main(args: argparse.Namespace) -> int:
    """Write the rig and say where its table is."""
    # heavy imports only when they are needed: `vigil --help` stays quick
    from vigil.simulate.rig import simulate_rig

    labelled = args.labelled if args.labelled is not None else round(0.6 * args.animals)
    try:
        rig = Rig(
            animals=args.animals,
            labelled=labelled,
            recordings_per_animal=args.recordings_per_animal,
            minutes=args.minutes,
            channels=args.channels,
            seed=args.seed,
            start=args.start,
            video=not args.no_video,
            natural=args.natural,
            varied=args.varied,
            epileptic=args.epileptic,
            preictal_min=args.preictal,
        )
    except ValueError as error:
        print(f"vigil simulate: {error}")
        return 2
    table = simulate_rig(args.out, rig, lambda line: print(line, flush=True))
    print(f"{table} lists the recordings; the truth lies in {args.out / 'truth'}")
    return 0
