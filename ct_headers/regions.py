"""Body regions that a text of a CT header names, by the word file."""

import json
import re
from functools import cache, lru_cache
from pathlib import Path

from ct_headers.text import phrases, words_of

_FILE = Path(__file__).with_name("region_words.json")
_PARTS = r"(HEAD|NECK|CHEST|ABDOMEN|ABD|PELVIS|PELV)"
_JOINED = re.compile(rf"(?<![A-Z]){_PARTS}{_PARTS}+(?![A-Z])")
"""Defined Terms of Body Part Examined (PS3.16 annex L) that join regions without a space."""


@lru_cache(maxsize=4096)
def regions_in(text: str) -> frozenset[str]:
    """Regions that a text names.

    Args:
        text: Body Part Examined, or a description.

    Returns:
        Some of head, neck, chest, abdomen, pelvis, arm, leg; "EXTREMITY" is arm and leg. Empty for unknown words.
    """
    words = re.sub(r"[\d/+-]+", " ", words_of(text))
    if joined := _JOINED.search(words):
        words += " " + re.sub(_PARTS, r"\1 ", joined.group())
    return frozenset(region for region, pattern in _patterns().items() if pattern.search(words))


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    listed = json.loads(_FILE.read_text(encoding="utf-8"))
    return {region: re.compile(phrases(words)) for region, words in listed.items() if region != "about"}
