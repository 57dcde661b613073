"""The limits that the bundle's model card states; they are shown with each result."""

import re
from pathlib import Path

CARD = Path("docs/README.md")
_HEADINGS = ("where it fails", "limitations", "known limitations", "where not to trust it")
"""The first heading that the card has is used."""

_NONE = "The model card of the bundle names no limits: trust only what the non-contrast CT shows as well."


def limits_of(root: Path) -> list[str]:
    """Read the limits from a model card.

    Args:
        root: the bundle's folder.

    Returns:
        Its items, without markup; one that says so if the card states none.
    """
    try:
        card = (root / CARD).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return [_NONE]
    sections = {
        heading.strip().lower(): text
        for heading, text in re.findall(r"^##\s+(.+?)\s*$(.*?)(?=^##\s|\Z)", card, re.MULTILINE | re.DOTALL)
    }
    for heading in _HEADINGS:
        if items := re.findall(r"^- (.+?)(?=^- |^$|\Z)", sections.get(heading, ""), re.MULTILINE | re.DOTALL):
            return [_plain(item) for item in items]
    return [_NONE]


def _plain(item: str) -> str:
    """Markdown as plain text."""
    without_links = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", item)
    return " ".join(re.sub(r"[*`]", "", without_links).split())
