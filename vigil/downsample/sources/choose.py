"""Which reader a recording needs, told by the names of its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vigil.downsample.sources.by_neo import FORMATS, open_neo
from vigil.downsample.sources.chain import chain
from vigil.downsample.sources.edf import open_edf
from vigil.downsample.sources.intan import flat_headers, open_flat_intan
from vigil.downsample.sources.neuralynx import open_neuralynx
from vigil.downsample.sources.open_ephys import open_open_ephys
from vigil.downsample.sources.open_ephys_legacy import open_open_ephys_legacy
from vigil.downsample.sources.reading import NO_FILE, not_there
from vigil.downsample.sources.source import LONGEST_GAP_S, Source, path_order, some_of
from vigil.downsample.sources.spikeglx import described_bins, open_spikeglx
from vigil.downsample.sources.wide import in_steps
from vigil.recording import RecordingError


def open_source(files: Sequence[Path], scan: bool = False) -> Source:
    """Open what a recording's files hold of brain signals.

    Parameters
    ----------
    files : sequence of path
        All files of the recording; videos and tables among them are passed over.
    scan : bool
        Look at every record of .ncs files now, as has to be done where a read told of an
        `UnseenBorder`; other formats are always looked at whole.

    Raises
    ------
    RecordingError
        When no file is of a format that is known, or those that are cannot be read.
    """
    files = sorted(files, key=path_order)
    try:
        source = _opened(files, scan)
    except NO_FILE as error:
        raise not_there(error.filename or files[0].parent) from error
    end_s = 0.0
    for start_s, n in source.segments:
        if start_s - end_s > LONGEST_GAP_S:
            raise RecordingError(
                f"The files in {files[0].parent} pause for {(start_s - end_s) / 86400:.0f} days, "
                f"{end_s:.3f} s after their beginning: if no number or date in them is damaged, "
                "make a recording of each part; else copy them again from the rig."
            )
        end_s = start_s + n / source.rate_hz
    return source


def _opened(files: Sequence[Path], scan: bool) -> Source:
    """The source of files that are in order."""

    def ending(*suffixes: str) -> list[Path]:
        return [p for p in files if p.suffix.lower() in suffixes]

    if found := ending(".ncs"):
        return open_neuralynx(found, scan)
    if any(p.name == "structure.oebin" for p in files):
        return open_open_ephys(files)
    if described_bins(files):
        return open_spikeglx(files)
    if found := flat_headers(files):
        return in_steps(chain(found, [open_flat_intan(p) for p in found]))
    if found := ending(".continuous"):
        return open_open_ephys_legacy(found)
    if found := ending(".edf", ".bdf"):
        return in_steps(chain(found, [open_edf(p) for p in found]))
    # the suffixes of neo's formats in their order there: one format, even where several are
    for suffix in FORMATS:
        if found := ending(suffix):
            return in_steps(chain(found, [open_neo(p) for p in found]))
    raise RecordingError(
        "The recording's files hold no brain signals in a format that is known "
        f"({some_of([p.name for p in files]) or 'there is no file at all'}); the formats are "
        "listed in docs/formats.md: check the column 'source', or convert the files to EDF."
    )
