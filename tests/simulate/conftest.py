import pytest

from vigil.simulate.rig import simulate_rig
from vigil.simulate.settings import Rig

TINY = Rig(animals=2, labelled=1, minutes=1.5, channels=5, seed=7)


@pytest.fixture(scope="session")
def tiny_rig(tmp_path_factory):
    """Folder of a rig of two animals, one labelled wildtype and one mutant that dies."""
    folder = tmp_path_factory.mktemp("rig")
    simulate_rig(folder, TINY)
    return folder
