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
    for command in (
        "simulate",
        "agreement",
        "check",
        "doctor",
        "verify",
        "restore",
        "sleep",
        "pose",
    ):
        assert command in text


def test_the_commands_of_pose_have_their_own_help(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["pose", "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert all(command in text for command in ("train", "evaluate", "overlay"))


def test_the_review_of_sleep_states_its_rule(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["sleep", "review", "--help"])
    assert stop.value.code == 0
    assert "the sum of 1 - p of their states" in capsys.readouterr().out


def test_check_names_files_that_are_not_there_with_the_nearest(tmp_path, capsys):
    (tmp_path / "mouse1").mkdir()
    (tmp_path / "recordings.tsv").write_text("recording\tanimal\tsource\nm1\tm1\tmouse_1\n")
    assert main(["check", str(tmp_path / "recordings.tsv")]) == 1
    assert "did you mean 'mouse1'?" in capsys.readouterr().out


@pytest.fixture
def remote(tmp_path, monkeypatch):
    """A remote `lab:` with the folder day1."""
    (tmp_path / "far" / "day1").mkdir(parents=True)
    (tmp_path / "rclone.conf").write_text(
        f"[lab]\ntype = alias\nremote = {tmp_path / 'far'}\n"
        "[dead]\ntype = sftp\nhost = 127.0.0.1\nport = 1\n"
    )
    monkeypatch.setenv("RCLONE_CONFIG", str(tmp_path / "rclone.conf"))


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("lab:day1", "1 recordings, nothing to fix"),
        ("lab:day2", "lab:day2 is not there; did you mean 'day1'?"),
        ("lob:day1", "lob:day1 is not there; did you mean 'lab:'?"),
        ("dead:day1", "dead:day1 cannot be looked at"),
    ],
)
def test_check_asks_remotes(tmp_path, capsys, remote, source, sentence):
    (tmp_path / "recordings.tsv").write_text(f"recording\tanimal\tsource\nm1\tm1\t{source}\n")
    main(["check", str(tmp_path / "recordings.tsv")])
    assert sentence in capsys.readouterr().out


def test_check_tells_sources_that_must_not_be_deleted(tmp_path, capsys):
    (tmp_path / "rig").mkdir()
    (tmp_path / "rig" / "CSC1.ncs").write_text("x")
    (tmp_path / "recordings.tsv").write_text(
        "recording\tanimal\tsource\nm1\tm1\trig\nm2\tm1\trig\n"
    )
    config = tmp_path / "config.yaml"
    words = ["check", str(tmp_path / "recordings.tsv"), "--config", str(config)]
    config.write_text("transfer: {delete_source: false}\n")
    assert main(words) == 0
    config.write_text("transfer: {delete_source: true}\n")
    assert main(words) == 1
    assert "belongs to m1 and to m2" in capsys.readouterr().out


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
