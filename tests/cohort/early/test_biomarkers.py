import numpy as np

from vigil.cohort.early.biomarkers import Differences, biomarkers
from vigil.cohort.early.settings import EarlySettings

SETTINGS = EarlySettings(lead_min=(1,), n_surrogates=99, n_bootstrap=100)


def animal(rng, n, lacks=False):
    """Two features, level and change; the first is higher before the real seizures."""
    each = rng.standard_normal((100, n, 1, 4))
    each[0, :, :, 0] += 3
    if lacks:
        each[..., [1, 3]] = np.nan
    return Differences(each.sum(axis=1), np.full((100, 1), float(n)), each[0])


def test_animals_without_seizures_or_without_the_feature_are_not_counted():
    rng = np.random.default_rng(1)
    some = [animal(rng, 6), animal(rng, 9, lacks=True), animal(rng, 0)]
    table = biomarkers("all", some, ["CA1.a", "CA1.b"], SETTINGS, rng).set_index("feature")
    assert table["animals"].to_dict() == {"a": 2, "b": 1}
    assert table["seizures"].to_dict() == {"a": 15, "b": 6}
    assert table.loc["a", "p"] == 0.01
    assert abs(table.loc["a", "effect"] - 3) < 1
