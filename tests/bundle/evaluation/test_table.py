import pytest

from scripts.evaluation.table import CsvAppender, insert, markdown, write_csv

ROWS = [{"model": "A", "error": 1}, {"model": "B", "error": 2}]


def test_rows_become_a_markdown_table():
    assert markdown(ROWS) == "| model | error |\n| --- | --- |\n| A | 1 |\n| B | 2 |\n"


def test_a_table_replaces_what_stands_between_its_markers(tmp_path):
    card = tmp_path / "README.md"
    card.write_text("before\n<!-- scores -->\nold\n<!-- end of scores -->\nafter\n")
    insert("new\n", "scores", card)
    assert card.read_text() == "before\n<!-- scores -->\nnew\n<!-- end of scores -->\nafter\n"


def test_a_card_without_the_markers_is_left_alone(tmp_path):
    card = tmp_path / "README.md"
    card.write_text("text\n")
    with pytest.raises(ValueError, match="scores"):
        insert("new\n", "scores", card)
    assert card.read_text() == "text\n"


def test_rows_are_on_disk_before_the_table_is_whole(tmp_path):
    table = CsvAppender(tmp_path / "rows.csv")
    table.extend(ROWS[:1])
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("rows.csv.part", "model,error\nA,1\n")]


def test_a_table_that_has_grown_is_as_one_written_at_once(tmp_path):
    table = CsvAppender(tmp_path / "grown.csv")
    for row in ROWS:
        table.extend([row])
    table.finish()
    write_csv(ROWS, tmp_path / "at_once.csv")
    assert (tmp_path / "grown.csv").read_bytes() == (tmp_path / "at_once.csv").read_bytes()


def test_nothing_but_the_whole_table_is_left(tmp_path):
    table = CsvAppender(tmp_path / "rows.csv")
    table.extend(ROWS)
    table.finish()
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_an_earlier_table_stays_until_there_is_a_new_one(tmp_path):
    (tmp_path / "rows.csv").write_text("earlier")
    CsvAppender(tmp_path / "rows.csv").extend(ROWS)
    assert (tmp_path / "rows.csv").read_text() == "earlier"


def test_rows_are_not_added_to_those_of_a_run_that_was_killed(tmp_path):
    for _ in range(2):
        CsvAppender(tmp_path / "rows.csv").extend(ROWS[:1])
    assert (tmp_path / "rows.csv.part").read_text() == "model,error\nA,1\n"


def test_without_rows_there_is_no_table(tmp_path):
    table = CsvAppender(tmp_path / "rows.csv")
    table.extend([])
    table.finish()
    assert not list(tmp_path.iterdir())


def test_an_earlier_table_goes_where_the_new_one_has_no_row(tmp_path):
    (tmp_path / "rows.csv").write_text("earlier")
    CsvAppender(tmp_path / "rows.csv").finish()
    assert not (tmp_path / "rows.csv").exists()
