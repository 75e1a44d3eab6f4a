"""Settings of transfer that exclude each other."""

import pytest

from vigil.configuration import ConfigurationError, check_configuration


@pytest.mark.parametrize("mode", ["link", "in_place"])
def test_no_source_is_deleted_of_which_no_copy_is_made(mode):
    with pytest.raises(ConfigurationError, match="makes no copy: set mode: copy"):
        check_configuration({"transfer": {"mode": mode, "delete_source": True}})
    check_configuration({"transfer": {"mode": "copy", "delete_source": True}})


def test_sources_stay_and_no_archive_is_made_unless_asked():
    transfer = check_configuration({})["transfer"]
    assert not transfer["delete_source"]
    assert not transfer["archive"]
