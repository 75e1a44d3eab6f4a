"""The real recordings: found through VIGIL_REALDATA, never copied into the project."""

import numpy as np
import pandas as pd
import pytest


def pytest_collection_modifyitems(items):
    """Every test of this folder needs the real recordings."""
    for item in items:
        if "/tests/real/" in str(item.path):
            item.add_marker(pytest.mark.real)


STATES = {"W": "wake", "NR": "nrem", "R": "rem"}


@pytest.fixture(scope="session")
def expert_day(realdata):
    """A day of one mouse: features as features.parquet names them, and the expert's states."""
    table = pd.read_csv(realdata / "mcrbm_mouse_sleep_features/baseline_24h.csv.gz")
    labels = table["Stage"].map(STATES).fillna("unclassified").to_numpy(str)
    powers = ["Delta", "Theta", "Alpha", "Beta", "Gamma"]
    # epochs without any power were not recorded
    table = table.where(table[[*powers, "EMG"]].gt(0).all(axis=1))
    features = pd.DataFrame({f"cx.log_power_{b.lower()}": np.log10(table[b]) for b in powers})
    features["cx.theta_delta"] = features["cx.log_power_theta"] - features["cx.log_power_delta"]
    features["emg.log_rms"] = np.log10(table["EMG"])
    keys = {"start_s": 4.0 * np.arange(len(table)), "duration_s": 4.0, "valid": 1.0, "reason": ""}
    head = pd.DataFrame(keys, index=features.index)
    return pd.concat([head, features], axis=1), labels
