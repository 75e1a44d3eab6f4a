"""A manifest verified at any later time."""

import pytest

from vigil.transfer.files import Brought, read_manifest, read_rows, write_manifest
from vigil.transfer.verify import verify


def test_what_is_whole_spoilt_or_gone(tmp_path, capsys):
    path = tmp_path / "CSC1.ncs"
    path.write_bytes(b"x")
    # printf x | sha256sum
    digest = "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    row = Brought(path, 1, digest, "read back", "/rig/CSC1.ncs", "CSC1.ncs")
    write_manifest(tmp_path / "manifest.tsv", [row])
    assert verify(tmp_path / "manifest.tsv") == 0
    path.write_bytes(b"y")
    assert verify(tmp_path / "manifest.tsv") == 1
    path.unlink()
    assert verify(tmp_path / "manifest.tsv") == 1
    said = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[1] for line in said] == ["ok", "differs from the manifest", "is gone"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '{"not_analysed": {"recording": "m1", "stage": "transfer", "reason": "It is gone."}}\n',
            "m1 has no files to verify: It is gone.",
        ),
        ("path\tbytes\thash\n", "is no manifest of transfer or lists no file"),
        ("channel\tregion\nCSC1\tCA1\n", "is no manifest of transfer or lists no file"),
        ("", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_what_lists_no_files_is_not_verified(tmp_path, capsys, text, sentence):
    if text is not None:
        (tmp_path / "manifest.tsv").write_text(text)
    assert verify(tmp_path / "manifest.tsv") == 1
    assert sentence in capsys.readouterr().out


def test_a_manifest_of_the_first_version_is_read(tmp_path):
    (tmp_path / "manifest.tsv").write_text("path\tbytes\thash\nraw/m1/a.ncs\t5\txxh3:00\n")
    assert list(read_manifest(tmp_path / "manifest.tsv").values()) == ["xxh3:00"]
    assert [row.name for row in read_rows(tmp_path / "manifest.tsv")] == ["a.ncs"]
