"""Agreement measures on tables counted by hand."""

import numpy as np
import pytest

from vigil.sleep.agreement import agreement, confusion

LABELS = np.array(["wake"] * 5 + ["nrem"] * 4 + ["unclassified"])
SCORES = np.array(["wake"] * 4 + ["nrem"] + ["nrem"] * 3 + ["unclassified"] + ["rem"])


def test_counted_by_hand():
    result = agreement(LABELS, SCORES)
    assert result["epochs"] == 9
    assert result["accuracy"] == pytest.approx(7 / 9)
    assert result["coverage"] == pytest.approx(8 / 9)
    assert result["wake_precision"] == 1
    assert result["wake_recall"] == pytest.approx(0.8)
    assert np.isnan(result["rem_f1"])
    expected = (5 * 4 + 4 * 4) / 81
    assert result["kappa"] == pytest.approx((7 / 9 - expected) / (1 - expected))


def test_confusion_leaves_out_what_is_not_labelled():
    table = confusion(LABELS, SCORES)
    assert table.loc["wake"].tolist() == [4, 1, 0, 0]
    assert table.loc["nrem"].tolist() == [0, 3, 0, 1]
    assert table.to_numpy().sum() == 9
