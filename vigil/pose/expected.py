"""How many frames there will be to track, before a video is opened: from sizes of files."""

from __future__ import annotations

from collections.abc import Sequence

VIDEO_FRAMES_PER_GB = 260_000
"""Frames of a video that is compressed lightly; strongly compressed it has up to 4 million."""

FRAME_BYTES = {".nvt": 1828, ".smi": 50}
"""What a frame takes at least in a file of frame times, from the second hour on."""

TABLE_FRAME_BYTES = 16
"""What it takes there in a table: a number of six digits and a time in milliseconds."""

CHANNEL_FRAMES_PER_GB = 460_000
"""Frames at 30 a second while a channel of 32 kHz writes a GB (65 kB/s as .ncs)."""


def frames_expected(
    videos_gb: float, times_gb: Sequence[tuple[str, float]] = (), channel_gb: float = 0
) -> float:
    """Frames of a recording's videos, rather too many than too few.

    By the size of the videos or of the frame times, whichever says more; without frame times
    by the length of the recording in their place.

    Parameters
    ----------
    videos_gb : float
        Size of all videos together.
    times_gb : sequence of (str, float)
        Suffix and size of each file of frame times.
    channel_gb : float
        Size of one channel's raw file; without frame times only.
    """
    if times_gb:
        told = sum(
            1e9 * gb / FRAME_BYTES.get(suffix.lower(), TABLE_FRAME_BYTES) for suffix, gb in times_gb
        )
    else:
        told = CHANNEL_FRAMES_PER_GB * channel_gb
    return max(VIDEO_FRAMES_PER_GB * videos_gb, told)
