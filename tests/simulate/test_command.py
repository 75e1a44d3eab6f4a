import argparse

import pandas as pd

from vigil.simulate import command


def run(*arguments):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.main(parser.parse_args([str(a) for a in arguments]))


def test_writes_a_rig(tmp_path, capsys):
    assert run(tmp_path, "--animals", 2, "--minutes", 1, "--channels", 2, "--no-video") == 0
    table = pd.read_csv(tmp_path / "recordings.tsv", sep="\t")
    assert table["animal"].tolist() == ["mouse1", "mouse2"]
    assert table["sleep_labels"].notna().tolist() == [True, False]
    assert "recordings.tsv" in capsys.readouterr().out


def test_says_what_is_wrong(tmp_path, capsys):
    assert run(tmp_path / "x", "--animals", 0) == 2
    assert "animals is 0" in capsys.readouterr().out
    assert not (tmp_path / "x").exists()


def test_animals_differ_on_purpose_where_asked(tmp_path):
    arguments = ("--animals", 2, "--minutes", 1, "--channels", 3, "--no-video", "--varied")
    assert run(tmp_path, *arguments) == 0
    assert (tmp_path / "montage_mouse2.tsv").exists()


def test_an_epileptic_rig_tells_what_it_holds(tmp_path, capsys):
    arguments = ("--animals", 2, "--minutes", 2, "--channels", 3, "--no-video")
    assert run(tmp_path, *arguments, "--epileptic", "--preictal", 1) == 0
    seizures = pd.read_csv(tmp_path / "truth" / "mouse2-01" / "seizures.tsv", sep="\t")
    assert seizures["preictal"].tolist() == [True]
    assert run(tmp_path / "x", *arguments, "--preictal", 1) == 2
    assert "epileptic" in capsys.readouterr().out
