"""Find out whether a text of a CT header says that iodine contrast was given, or not given, by the word file.

Words that deny contrast are removed first, so that "CHEST W/O CONTRAST" and "NON-CON ARTERIES" pass and "CTA CHEST"
does not. "With and without contrast" names an exam of both phases and says nothing about a series.
"""

import json
import re
from collections.abc import Iterable
from enum import Enum
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path

from ct_headers.text import phrases, words_of

_FILE = Path(__file__).with_name("contrast_words.json")


class ContrastMention(Enum):
    """What a text says about contrast."""

    NOTHING = "nothing"
    WITHOUT = "without contrast"
    WITH = "with contrast"


@cache
def _listed() -> dict[str, list[str]]:
    content = json.loads(_FILE.read_text(encoding="utf-8"))
    return {name: _flat(value) for name, value in content.items() if name != "about"}


def _flat(value: list[str] | dict[str, list[str]]) -> list[str]:
    if isinstance(value, dict):
        return list(chain.from_iterable(words for language, words in value.items() if language != "about"))
    return value


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(phrases(_listed()[name]))


@cache
def _without() -> re.Pattern[str]:
    """A negation before or after a word for the agent, and words that mean a non-contrast scan by themselves."""
    listed = _listed()
    agent = phrases([*listed["agent"], *listed["short_agent"]])
    negation, between = phrases(listed["negation"]), phrases(listed["between"])
    glued = r"(?<!\w)(?:NON|UN|PRE)(?:CON|CONT|CONTR|CONTRAST\w*|CE|ENHANCED|INJ\w*|KM)(?!\w)"
    behind = phrases(listed["negation_after"])
    return re.compile(
        rf"(?:{negation})(?:[ /]?(?:{between}))*[ /]?(?:{agent})"
        rf"|{glued}|(?:{phrases(listed['agent'])}) ?:? ?(?:{behind})|{phrases(listed['plain'])}"
    )


@cache
def _with() -> re.Pattern[str]:
    listed = _listed()
    kinds = [*listed["agent"], *listed["enhanced"], *listed["arterial"], *listed["late"]]
    return re.compile(f"{phrases(kinds)}|{_short_with()}")


@cache
def _short_with() -> str:
    listed = _listed()
    return (
        rf"(?:{phrases(listed['affirmation'])})(?: (?:{phrases(listed['between'])}))?[ /]?"
        rf"(?:{phrases(listed['short_agent'])})"
    )


@cache
def _both() -> re.Pattern[str]:
    """With and without contrast in one phrase."""
    listed = _listed()
    noun = rf"(?:(?: (?:{phrases(listed['between'])}))* ?(?:{phrases([*listed['agent'], *listed['short_agent']])}))?"
    w, wo = r"(?:WITH|W(?!/?O)/?)", r"(?:WITHOUT|W/?O)"
    negation, affirmation = phrases(listed["negation"]), phrases(listed["affirmation"])
    joint = rf"(?: ?[/+] ?| (?:{phrases(listed['and'])}) )"
    return re.compile(
        rf"(?<!\w)(?:{w} ?(?:[/+]|AND|OR)? ?{wo}|{wo} ?(?:[/+]|AND|OR) ?{w}|{wo} W/?(?! ?[A-Z])){noun}(?!\w)"
        rf"|(?:{affirmation}){joint}(?:{negation}){noun}|(?:{negation}){joint}(?:{affirmation}){noun}"
    )


@lru_cache(maxsize=4096)
def contrast_mention(text: str) -> ContrastMention:
    """What a series description says about intravenous contrast.

    Args:
        text: as found in the header.

    Returns:
        WITH if it names contrast or an enhanced phase, or only says "with and without"; WITHOUT if it only denies
        contrast; NOTHING if no known word is found.
    """
    words = _pattern("neutral").sub(" ", words_of(text))
    without = _without()
    if _with().search(without.sub(" ", words)):
        return ContrastMention.WITH
    of_this_series, exams = _both().subn(" ", words)
    if without.search(of_this_series):
        return ContrastMention.WITHOUT
    return ContrastMention.WITH if exams else ContrastMention.NOTHING


@lru_cache(maxsize=4096)
def names_both(text: str) -> bool:
    """Whether a text names an exam with and without contrast, and says nothing else about contrast."""
    words, exams = _both().subn(" ", _pattern("neutral").sub(" ", words_of(text)))
    return exams > 0 and not _with().search(_without().sub(" ", words))


@lru_cache(maxsize=4096)
def contradicts(text: str) -> bool:
    """Whether a text both denies and names contrast: "nativ + KM"."""
    words = _pattern("neutral").sub(" ", words_of(text))
    return bool(_without().search(_both().sub(" ", words)) and _with().search(_without().sub(" ", words)))


@lru_cache(maxsize=4096)
def is_virtual(text: str) -> bool:
    """Whether a text names an image computed from a spectral scan: virtual non-contrast, monoenergetic, iodine."""
    words = _without().sub(" ", words_of(text)) if "TNC" in words_of(text) else words_of(text)
    return bool(_pattern("virtual").search(words))


@lru_cache(maxsize=4096)
def names(kind: str, text: str) -> bool:
    """Whether a text has a word of one list of the word file: arterial, late, enhanced, derived."""
    words = _both().sub(" ", _without().sub(" ", _pattern("neutral").sub(" ", words_of(text))))
    return bool(_pattern(kind).search(words))


@lru_cache(maxsize=4096)
def is_agent(text: str) -> bool:
    """Whether a value of Contrast/Bolus Agent (0018,0010) names an agent: any text but a known word for "none".

    Args:
        text: as found, in any script.

    Returns:
        False for an empty value, a "none" of any language, an oral agent, and a denial such as "no contrast".
    """
    if not re.search(r"[^\s\W_]|[?\ufffd]", text):  # separators alone
        return False
    words = words_of(text).strip(" -+/")
    if words and words in _no_agent():
        return False
    if contrast_mention(text) is ContrastMention.WITHOUT and not names_both(text):
        return False
    return not _is_only(text, "oral")


@cache
def _no_agent() -> set[str]:
    return {words_of(each).strip(" -+/") for each in _listed()["no_agent"]}


def is_oral(routes: Iterable[str]) -> bool:
    """Whether routes of administration are known and none of them is into a vessel."""
    found = [route for route in routes if route.strip()]
    return bool(found) and all(_is_only(route, "oral") for route in found)


@lru_cache(maxsize=4096)
def _is_only(text: str, kind: str) -> bool:
    """Whether a text has a word of a list and none for a route into a vessel."""
    words = words_of(text)
    return bool(_pattern(kind).search(words)) and not _pattern("intravenous").search(words)
