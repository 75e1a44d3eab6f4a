"""Hashes of what earlier rules left: asked of their provenance, not taken anew."""

import json

from vigil.provenance import SNAKEMAKE_MARK, hash_path, read_hashes


def test_a_result_beside_those_of_its_stage_has_a_provenance_of_its_own_name(tmp_path):
    store = tmp_path / "evidence.zarr"
    store.mkdir()
    (store / "0").write_text("a")
    told = {"program": "vigil", "outputs": {"evidence": {"path": str(store), "hash": "xxh3:told"}}}
    (tmp_path / "provenance.json").write_text(json.dumps({"program": "vigil", "outputs": {}}))
    (tmp_path / "evidence.json").write_text(json.dumps(told))
    found = read_hashes({"evidence": str(store)}, {})
    assert found == {"evidence": [{"path": str(store), "hash": "xxh3:told"}]}


def test_the_mark_that_snakemake_leaves_in_a_folder_is_no_part_of_it(tmp_path):
    (tmp_path / "0").write_text("a")
    before = hash_path(tmp_path)
    (tmp_path / SNAKEMAKE_MARK).touch()
    assert hash_path(tmp_path) == before
    (tmp_path / "1").write_text("b")
    assert hash_path(tmp_path) != before


def test_another_json_of_that_name_is_no_provenance(tmp_path):
    folds = tmp_path / "folds"
    folds.mkdir()
    (folds / "a").write_text("a")
    record = {"program": "vigil", "outputs": {"folds": {"path": str(folds), "hash": "xxh3:told"}}}
    (tmp_path / "provenance.json").write_text(json.dumps(record))
    for content in ([{"name": "m1"}], {"outputs": {}}, {"not_analysed": {}}, 3):
        (tmp_path / "folds.json").write_text(json.dumps(content))
        assert read_hashes({"folds": str(folds)}, {})["folds"][0]["hash"] == "xxh3:told"
