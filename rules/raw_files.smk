"""The raw files of a recording: which they are, how large, and where they are read from."""

import functools
import math

from vigil.pose.expected import frames_expected
from vigil.remote import is_remote, name_of
from vigil.sources import names_here, odd_signs, shared_files, source_files

if config["transfer"]["delete_source"]:
    # what the workflow itself reads may lie in the folder of a source
    read = [
        config["recordings"],
        *workflow.configfiles,
        *workflow.overwrite_configfiles,
    ]
    if unsafe := shared_files(RECORDINGS, read):
        raise WorkflowError(". ".join(unsafe))

REMOTE_GB = 50
"""What a recording on a remote is taken for before it is here: 3 h of 64 channels."""

REMOTE_VIDEO_GB = 5
"""What each video on a remote is taken for."""


@functools.cache
def files_here(recording):
    """Raw files of a recording that are here, looked for once while the graph is made."""
    return source_files(row_named(recording))


def present(path):
    """A file that a row names, where it is there; transfer says when it is not."""
    return path if path and os.path.exists(path) and watchable(path) else []


def files_to_bring(wildcards):
    """The files by whose change transfer is repeated.

    What lies on a remote is not known before it is asked, and sources that are to be deleted
    must not be missed when they are.
    """
    if config["transfer"]["delete_source"]:
        return []
    files = files_here(wildcards.recording)
    # transfer refuses other odd names in a sentence
    return [f for f in files if not odd_signs(f) and watchable(f)]


def paths_to_see(wildcards):
    """The paths of a row that transfer brings, or of which it says when they are not there.

    Labels come later than the recording: the stages that learn from them say when they are not
    there, so that naming them repeats no transfer.
    """
    paths = paths_of(row_of(wildcards))
    return {name: path for name, path in paths.items() if name not in LABELS}


def look_again(wildcards):
    """What repeats transfer beside its inputs.

    When it last found the recording not ready, and which files of the row are here: one that
    comes later is looked at.
    """
    path = Path(f"results/{wildcards.recording}/transfer/.look_again")
    empties = config["transfer"]["delete_source"]
    here = [
        name
        for name, path in paths_to_see(wildcards).items()
        if os.path.exists(path) and not (empties and column_of(name) in BROUGHT)
    ]
    return [path.read_text() if path.exists() else "", *here]


def brought(wildcards, path):
    """Where a file of a recording lies after transfer."""
    return path if IN_PLACE else f"raw/{wildcards.recording}/{name_of(path)}"


def once(measure):
    """Ask a size once, which takes time, and once more when transfer has made it known."""
    kept = functools.cache(lambda recording, brought: measure(recording))

    return lambda recording: kept(
        recording, os.path.exists(f"results/{recording}/transfer/manifest.tsv")
    )


@once
def raw_gb(recording):
    """Size of a recording's raw files, from which memory and time of its jobs follow."""
    here = files_here(recording)
    # hidden files are no part of the recording: versions that were replaced
    copies = names_here(f"raw/{recording}")
    size = max(sum(os.path.getsize(f) for f in files) for files in (here, copies)) / 1e9
    afar = any(is_remote(p) for p in paths_of(RECORDINGS[recording]).values())
    return max(size, REMOTE_GB) if afar and not copies else size


def file_gb(recording, path, afar_gb=0):
    """Size of a file of a row, before or after transfer; a guess while it is on a remote."""
    for place in (path, f"raw/{recording}/{name_of(path)}"):
        if os.path.exists(place):
            return os.path.getsize(place) / 1e9
    return afar_gb if is_remote(path) else 0


@once
def frames_at_most(recording):
    """Frames that pose has to track, guessed from sizes, rather too many than too few."""
    row = row_named(recording)
    if row.pose:
        return 0
    videos_gb = [file_gb(recording, p, REMOTE_VIDEO_GB) for p in paths_in(row.video)]
    times = [(Path(p).suffix, file_gb(recording, p)) for p in paths_in(row.video_times)]
    if times and all(gb for _, gb in times):
        return frames_expected(sum(videos_gb), times)
    files = files_here(recording) or names_here(f"raw/{recording}")
    channels_gb = [os.path.getsize(f) / 1e9 for f in files if f.endswith(".ncs")]
    # other formats keep all channels in a file: taken for 64 of them, fewer come by a retry
    channel_gb = max(channels_gb, default=raw_gb(recording) / 64)
    return frames_expected(sum(videos_gb), channel_gb=channel_gb)


def by_size(base, per_unit=0, size=raw_gb):
    """Memory or minutes of a job: a base, a part per GB of raw files, more at each attempt."""

    def get(wildcards, attempt):
        return math.ceil(attempt * (base + per_unit * size(wildcards.recording)))

    return get


def archived(wildcards):
    """The table of each recording's archive, when the configuration asks for one."""
    if not config["transfer"]["archive"]:
        return []
    return expand("results/{recording}/transfer/archive.tsv", recording=RECORDINGS)


# the first of an animal's rows that says so counts
DIED = {r.animal: r.died for r in reversed(RECORDINGS.values()) if r.died}


def death_of(animal):
    """When an animal died, from whichever of its rows says so."""
    return DIED.get(animal, "")
