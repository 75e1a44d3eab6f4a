"""The program beside the workflow: its help, its checks, and what it says is missing."""

import numpy as np
import pandas as pd
import pytest

from vigil.cli import main
from vigil.doctor import findings


def test_help_is_a_page_long(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert len(text.splitlines()) <= 50
    for command in ("simulate", "agreement", "check", "doctor", "verify"):
        assert command in text


def test_check_names_files_that_are_not_there_with_the_nearest(tmp_path, capsys):
    (tmp_path / "mouse1").mkdir()
    (tmp_path / "recordings.tsv").write_text("recording\tanimal\tsource\nm1\tm1\tmouse_1\n")
    assert main(["check", str(tmp_path / "recordings.tsv")]) == 1
    assert "did you mean 'mouse1'?" in capsys.readouterr().out


def test_check_tells_faults_of_the_table_and_of_the_configuration(tmp_path, capsys):
    (tmp_path / "recordings.tsv").write_text("recording\tanimal\tsource\n-\tm1\tx\n")
    (tmp_path / "config.yaml").write_text("slep: {}\n")
    words = ["check", str(tmp_path / "recordings.tsv"), "--config", str(tmp_path / "config.yaml")]
    assert main(words) == 1
    text = capsys.readouterr().out
    assert "did you mean 'sleep'" in text
    assert "row 2, column recording" in text


def test_check_of_a_table_without_faults(tmp_path, capsys):
    (tmp_path / "rig").mkdir()
    (tmp_path / "recordings.tsv").write_text("recording\tanimal\tsource\nm1\tm1\trig\n")
    assert main(["check", str(tmp_path / "recordings.tsv")]) == 0
    assert "1 recordings, nothing to fix" in capsys.readouterr().out


def test_the_doctor_finds_both_environments_and_the_model():
    found = {line.split()[0]: works for works, _, line in findings()}
    assert found["snakemake"]
    assert found["deeplabcut"]
    assert found["the"]


def test_agreement_without_results_says_what_is_missing(tmp_path, capsys):
    main(["simulate", str(tmp_path / "rig"), "--animals", "1", "--minutes", "1", "--no-video"])
    main(
        [
            "agreement",
            str(tmp_path / "rig"),
            str(tmp_path / "none"),
            "--out",
            str(tmp_path / "a.tsv"),
        ]
    )
    table = pd.read_csv(tmp_path / "a.tsv", sep="\t")
    assert np.isnan(table.set_index("measure").loc["sleep_kappa", "value"]).all()
