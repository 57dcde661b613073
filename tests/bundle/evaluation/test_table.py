import pytest

from scripts.evaluation.table import insert, markdown

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
