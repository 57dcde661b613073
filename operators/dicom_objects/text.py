"""Texts of a site that every written object can hold, as types for settings (value representations of PS3.5 6.2)."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def _plain(text: str) -> str:
    """The text when it is one value in any character set: the results have the character set of their source."""
    if not (text.isascii() and text.isprintable()) or "\\" in text:  # a backslash separates values
        raise ValueError("must be printable ASCII text without backslash")
    return text


one_value = AfterValidator(_plain)

Name = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=64), one_value]
"""LO that must not be empty."""

LongString = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, max_length=64), one_value]
"""LO."""

ShortString = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, max_length=16), one_value]
"""SH."""
