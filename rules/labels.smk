"""Labels of experts, and the models that learn from them."""

import hashlib


def sleep_labels(recording):
    """An expert's labels of a recording: laid beside its results, or named in the table."""
    laid = f"results/{recording}/sleep_labels.csv"
    return laid if os.path.exists(laid) else RECORDINGS[recording].sleep_labels


def sleep_model(name):
    """A trained sleep model, where there are labels for one."""
    return f"results/models/sleep/{name}" if TRAINS else []


def labels_seen(labels):
    """What tells labels from those before, also older ones; '' where it takes long to read them."""
    path = present(labels)
    if not path or os.path.isdir(path) or os.path.getsize(path) > 10_000_000:
        return ""
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def seizure_model(name):
    """A trained detector, where there are labels for one."""
    return f"results/models/seizures/{name}" if DETECTOR_TRAINS else []


def features_mb(paths):
    """Size of the features to learn from; Snakemake asks again once they are there."""
    return sum(os.path.getsize(path) for path in paths) / 1e6
