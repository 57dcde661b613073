"""Limits of a result, read from the model card of its bundle."""

from pathlib import Path

import pytest

from operators.bundle.model_card import limits_of

SHIPPED = Path(__file__).resolve().parents[3] / "bundle"


def card(folder: Path, text: str) -> Path:
    (folder / "docs").mkdir()
    (folder / "docs" / "README.md").write_text(text)
    return folder


def test_the_shipped_card_tells_its_limits():
    assert len(limits_of(SHIPPED)) >= 5


def test_items_lose_their_markup_and_their_line_breaks(tmp_path):
    root = card(
        tmp_path,
        "# A\n\n## Where it fails\n\n- **Necks.** See [table](t.csv),\n  and `more`.\n- Two.\n\n## Next\n- no\n",
    )
    assert limits_of(root) == ["Necks. See table, and more.", "Two."]


@pytest.mark.parametrize("text", ["# A card\n", "## Where it fails\n\nIn words.\n"])
def test_a_card_without_limits_says_so(tmp_path, text):
    assert "names no limits" in limits_of(card(tmp_path, text))[0]


def test_a_bundle_without_card_says_so(tmp_path):
    assert "names no limits" in limits_of(tmp_path)[0]
