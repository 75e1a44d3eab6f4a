"""recordings.tsv: row, column, value and remedy."""

import pytest

from vigil.table import TableError, read_table

NEEDED = "recording\tanimal\tsource"


def write(tmp_path, *rows, header=NEEDED):
    path = tmp_path / "recordings.tsv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def fault(path):
    with pytest.raises(TableError) as error:
        read_table(path)
    return str(error.value)


def test_paths_are_relative_to_the_table(tmp_path):
    header = f"{NEEDED}\tvideo\tpx_per_cm\tstart"
    path = write(
        tmp_path, "m1-1\tm1\trig/m1\t/data/v.mp4\t4.2\t2026-03-01T08:00:00+01:00", header=header
    )
    row = read_table(path)["m1-1"]
    assert row.source == str(tmp_path / "rig/m1")
    assert row.video == "/data/v.mp4"
    assert row.px_per_cm == 4.2
    assert row.montage == ""


def test_columns_in_any_order_and_empty_lines(tmp_path):
    path = write(tmp_path, "x\tm1\tr1", "\t\t", "y\tm2\tr2", header="source\tanimal\trecording")
    assert list(read_table(path)) == ["r1", "r2"]


@pytest.mark.parametrize(
    ("header", "row", "sentence"),
    [
        (NEEDED, "m 1\tm\tx", r"row 2, column recording: 'm 1': use letters"),
        (NEEDED, "m1\t\tx", "row 2, column animal: ''"),
        (NEEDED, "m1\tm\t", "column source: '': name the folder"),
        (
            f"{NEEDED}\tstart",
            "a\tb\tc\t1.3.26",
            "column start: '1.3.26': write it as",
        ),
        (f"{NEEDED}\tstart", "a\tb\tc\t2026-03-01T08:00:00", "with the offset"),
        (
            f"{NEEDED}\tlights_on",
            "a\tb\tc\t7 am",
            "column lights_on: '7 am'.*HH:MM",
        ),
        (f"{NEEDED}\tpx_per_cm", "a\tb\tc\t-2", "column px_per_cm: '-2'"),
        (
            f"{NEEDED}\tvidoe",
            "a\tb\tc\td",
            "'vidoe' is not known; did you mean 'video'",
        ),
        ("recording\tsource", "a\tb", "column 'animal' is missing"),
        (f"{NEEDED}\tpx_per_cm", "a\tb\tc\tinf", "column px_per_cm: 'inf': .*finite"),
        (f"{NEEDED}\tpx_per_cm", "a\tb\tc\tnan", "column px_per_cm: 'nan'"),
        (NEEDED, "r1\tm1\tsrc\tx", "row 2 has 4 cells and the header 3; .*column of 'x'"),
        (NEEDED, "r1\tm1\tsrc\t", "row 2 has 4 cells and the header 3; .*the tab at its end"),
        (f"{NEEDED}\tgroup", "r1\tm1\tsrc", "row 2 has 3 cells and the header 4; empty cells"),
        (f"{NEEDED}\t", "r1\tm1\tsrc\t", "column 4 of 4 has no name"),
        (f"{NEEDED}\tanimal", "r1\tm1\tsrc\tm1", "column 'animal' is there twice"),
        ("recording,animal,source", "r1,m1,src", "has no tab; separate the columns by tabs"),
        (NEEDED, 'r1\tm1\t"src, x"', 'row 2: "src, x" is in quotation marks'),
        (NEEDED, "models\tm1\tx", "row 2, column recording: 'models': .*choose another"),
        (NEEDED, "Cohort\tm1\tx", "row 2, column recording: 'Cohort': .*choose another"),
    ],
)
def test_a_wrong_cell_is_named_with_its_remedy(tmp_path, header, row, sentence):
    with pytest.raises(TableError, match=sentence):
        read_table(write(tmp_path, row, header=header))


def test_the_same_id_twice(tmp_path):
    with pytest.raises(TableError, match="row 3, column recording: 'm1' is there twice"):
        read_table(write(tmp_path, "m1\tm\tx", "m1\tm\ty"))


def test_ids_that_differ_only_in_case(tmp_path):
    sentence = "row 3, column recording: 'M1' differs from 'm1' only in case"
    assert sentence in fault(write(tmp_path, "m1\tm\tx", "M1\tm\ty"))


def test_an_animal_may_have_a_reserved_name(tmp_path):
    assert read_table(write(tmp_path, "r1\tcohort\tx"))["r1"].animal == "cohort"


def test_a_row_is_numbered_by_its_line_in_the_file(tmp_path):
    assert "row 6, column animal" in fault(write(tmp_path, "", "a\tm\tx", "\t\t", "", "b\t\tx"))


def test_byte_order_mark_and_line_ends_of_windows(tmp_path):
    path = tmp_path / "recordings.tsv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{NEEDED}\r\nr1\tm1\tmäuse\r\n".encode())
    assert read_table(path)["r1"].source == str(tmp_path / "mäuse")


def test_a_quotation_mark_swallows_no_lines(tmp_path):
    rows = read_table(write(tmp_path, 'a\tm\t5" disk', "b\tm\ty"))
    assert list(rows) == ["a", "b"]
    assert rows["a"].source == str(tmp_path / '5" disk')


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_another_encoding_is_told_with_its_remedy(tmp_path, encoding):
    path = tmp_path / "recordings.tsv"
    path.write_bytes(f"{NEEDED}\nr1\tm1\tmäuse\n".encode(encoding))
    assert "save it again as tab-separated text with the encoding UTF-8" in fault(path)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_table(tmp_path, content):
    path = tmp_path / "recordings.tsv"
    path.write_bytes(content)
    assert "is empty; make one with the columns" in fault(path)


def test_a_header_alone_is_a_table_without_recordings(tmp_path):
    assert read_table(write(tmp_path)) == {}


def test_all_faults_are_told_at_once(tmp_path):
    with pytest.raises(TableError) as error:
        read_table(write(tmp_path, "m 1\tm\tx", "m2\t?\ty"))
    assert "row 2" in str(error.value)
    assert "row 3" in str(error.value)


def test_no_table(tmp_path):
    with pytest.raises(TableError, match="is not there; make one"):
        read_table(tmp_path / "none.tsv")


@pytest.mark.parametrize("cell", [":sftp,host=lab,pass=secret:day1", "lab,pass=secret:day1"])
def test_a_connection_that_is_spelt_out_is_refused_without_repeating_it(tmp_path, cell):
    said = fault(write(tmp_path, f"m1\tm\t{cell}"))
    assert "row 2, column source: it spells out a connection; name a remote" in said
    assert "secret" not in said


@pytest.mark.parametrize("column", ["video", "video_times"])
@pytest.mark.parametrize(
    "cell",
    ["a.avi;a.avi", "a.avi; b.avi ;./a.avi", "x/../a.avi;a.avi", "rig:d/a.avi;rig:/d/a.avi"],
)
def test_a_file_that_a_cell_names_twice_is_told(tmp_path, column, cell):
    said = fault(write(tmp_path, f"m1\tm\tx\t{cell}", header=f"{NEEDED}\t{column}"))
    last = cell.split(";")[-1]
    assert f"row 2, column {column}: it names '{last}' twice; name each file once" in said


def test_files_of_one_name_in_two_folders_are_two(tmp_path):
    cell = "a/v.avi;b/v.avi;rig:v.avi;box:v.avi"
    row = read_table(write(tmp_path, f"m1\tm\tx\t{cell}", header=f"{NEEDED}\tvideo"))["m1"]
    assert row.video == f"{tmp_path}/a/v.avi;{tmp_path}/b/v.avi;rig:v.avi;box:v.avi"


@pytest.mark.parametrize("cell", ['a.avi;"b.avi"', '"a.avi";b.avi', '"a.avi"; "b.avi"', '"a;b"'])
def test_quotation_marks_around_a_part_of_a_cell_are_told(tmp_path, cell):
    said = fault(write(tmp_path, f"m1\tm\tx\t{cell}", header=f"{NEEDED}\tvideo"))
    assert f"row 2: {cell} is in quotation marks" in said


def test_a_quotation_mark_within_a_part_stays(tmp_path):
    row = read_table(write(tmp_path, 'm1\tm\tx\ta;5" b', header=f"{NEEDED}\tvideo"))["m1"]
    assert row.video == f'{tmp_path}/a;{tmp_path}/5" b'


def test_a_semicolon_in_the_folder_of_the_table_separates_no_files(tmp_path):
    (tmp_path / "a;b").mkdir()
    header = f"{NEEDED}\tvideo"
    said = fault(write(tmp_path / "a;b", "m1\tm\tx\tv.avi", header=header))
    assert "row 2, column video: the table lies in a folder with a semicolon" in said
    write(tmp_path / "a;b", "m1\tm\tx\t/data/v.avi", header=header)
    assert read_table(tmp_path / "a;b" / "recordings.tsv")["m1"].video == "/data/v.avi"
