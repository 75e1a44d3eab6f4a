"""Real Neuralynx files: they are closed, and come back from an archive half their size."""

from vigil.transfer import packed
from vigil.transfer.archive import hash_unpacked
from vigil.transfer.copy import hash_from_disk
from vigil.transfer.packed import about, pack
from vigil.transfer.progress import Progress
from vigil.transfer.settle import lacks_end
from vigil.transfer.source import find_files


def test_real_neuralynx_files_are_closed(realdata):
    files = [p for p in realdata.rglob("*") if p.suffix.lower() in (".ncs", ".nev", ".nse")]
    lacking = {
        p.name: lacks_end(*find_files({"source": str(p)}))
        for p in files
        if p.stat().st_size >= 16384
    }
    assert len(lacking) > 5
    assert not any(lacking.values()), lacking


def test_real_channels_come_back_and_are_half_their_size(realdata, tmp_path):
    folder = realdata / "neuralynx_neo_ephy_testing/Cheetah_v5.7.4/original_data"
    for name in ("CSC1.ncs", "CSC2.ncs", "Events.nev"):
        path, target = folder / name, tmp_path / f"{name}.zarr"
        pack(path, target, "xxh3:0", lambda _: None)
        wanted = hash_from_disk(["xxh3"], path, Progress(1))[0]
        assert hash_unpacked(target, "xxh3", Progress(1)) == wanted
        assert about(target).n_bytes == path.stat().st_size
        if name != "Events.nev":
            assert path.stat().st_size > 2 * packed.stored_bytes(target)
