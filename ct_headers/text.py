"""Header text in a comparable form, and phrases of the word files as patterns to search in it."""

import re
import unicodedata
from collections.abc import Iterable

from pydicom.dataset import Dataset

_NOT_DECOMPOSED = str.maketrans({"Ł": "L", "Ø": "O", "Đ": "D", "Æ": "AE", "Œ": "OE", "ـ": ""})
"""Letters with a stroke, which Unicode does not decompose, and the Arabic tatweel."""

_CJK = "\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff"  # Han and kana
_HANGUL = "\uac00-\ud7a3"
_APART = re.compile(rf"(?<=[{_CJK}])(?=[^\W{_CJK}])|(?<=[^\W{_CJK}])(?=[{_CJK}])")
_JOINED = re.compile(rf"(?<=[{_CJK}]) (?=[{_CJK}])")

_PLAIN_SETS = {"", "ISO_IR 6", "ISO_IR 100", "ISO 2022 IR 6", "ISO 2022 IR 100"}
_UNDECLARED = ("utf-8", "gb18030", "cp1251")
"""Encodings that exporters write without declaring them."""


def words_of(text: str) -> str:
    """Upper case without accents; separators but + - / become a space; Han and kana are set apart from other letters.

    Args:
        text: as found in a header.

    Returns:
        Text that the patterns of `phrases` search.
    """
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char) != "Mn")
    upper = unicodedata.normalize("NFC", bare).upper().translate(_NOT_DECOMPOSED)
    words = re.sub(r"[^\w+/-]+|_", " ", upper)
    words = re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", words)
    return _JOINED.sub("", _APART.sub(" ", re.sub(r" +", " ", words)))


def texts_of(header: Dataset, *keywords: str) -> list[str]:
    """Values of text attributes; if no character set was declared, also as read in other encodings.

    Args:
        header: one slice.
        keywords: attributes; for a sequence of codes the code meanings.

    Returns:
        Texts that are not empty.
    """
    found = [text for keyword in keywords if keyword in header for text in _values(header[keyword].value)]
    declared = header.get("SpecificCharacterSet") or ""
    declared = [declared] if isinstance(declared, str) else list(declared)
    if all(str(each).strip() in _PLAIN_SETS for each in declared):
        found += [other for text in found for other in _read_otherwise(text)]
    return found


def _values(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, bytes):
        return [value.decode("latin-1")]
    if isinstance(value, Dataset):
        return [text for element in value if element.VR in _TEXT_VRS for text in _values(element.value)]
    if isinstance(value, Iterable):
        return [text for each in value for text in _values(each)]
    return [str(value)]


_TEXT_VRS = ("LO", "SH", "ST", "LT", "UT", "UC", "CS", "SQ")


def _read_otherwise(text: str) -> list[str]:
    if text.isascii():
        return []
    others = []
    for encoding in _UNDECLARED:
        try:
            others.append(text.encode("latin-1").decode(encoding))
        except UnicodeError:  # not in this encoding
            continue
    return others


def phrases(listed: Iterable[str]) -> str:
    """Alternatives of a pattern over `words_of`.

    Args:
        listed: phrases as in the word files: `*` stands for any ending of a word.

    Returns:
        Pattern of a whole phrase; in Han and kana, which have no spaces, of a part of the text.
    """
    by_start: dict[str, set[str]] = {}
    for each in listed:
        start, pattern = _phrase(each)
        by_start.setdefault(start, set()).add(pattern)
    # phrases with the same look-behind are grouped, since most positions of a text fail there
    groups = (f"{start}(?:{'|'.join(sorted(found, key=len, reverse=True))})" for start, found in by_start.items())
    return f"(?:{'|'.join(groups)})"


def _phrase(listed: str) -> tuple[str, str]:
    """Look-behind of a phrase (what must not come before it), and its pattern."""
    open_end = listed.endswith("*")
    bare = words_of(listed.rstrip("*").replace("* ", "0 ")).strip()  # 0 marks an open end within the phrase
    is_hangul = bool(re.search(f"[{_HANGUL}]", bare))
    pattern = re.sub(r"\\? ", "[ /]?" if is_hangul else "[ /]", re.escape(bare))
    pattern = re.sub(r"(?<=[^\W\d])0(?=\[)", r"\\w*", pattern)
    if re.search(f"[{_CJK}]", bare):
        return "", pattern
    start = "" if is_hangul else r"(?<!\w)" if bare[0] == "+" else r"(?<![\w+])"
    end = r"\w*" if open_end else r"(?!\w)" if bare[-1] in "+-" else r"(?![\w+])"
    return start, pattern + end
