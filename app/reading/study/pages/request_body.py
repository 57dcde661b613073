"""The body that the study's pages post: a small JSON object."""

import json
from typing import Any

from django.http import HttpRequest, JsonResponse

_MAX_BYTES = 10_000


class Malformed(Exception):
    """The body is not one that the study's pages send."""


def read_body(request: HttpRequest) -> dict[str, Any]:
    """Read the body.

    Returns:
        `values` (text to text), `seconds` (whole), `screen` and `renderer` (text).

    Raises:
        Malformed: for anything else.
    """
    try:
        if len(request.body) > _MAX_BYTES:
            raise Malformed
        content = json.loads(request.body)
        values = {str(name): str(value) for name, value in content["values"].items()}
        return {
            "values": values,
            "seconds": int(content.get("seconds", 0)),
            "screen": str(content.get("screen", "")),
            "renderer": str(content.get("renderer", "")),
        }
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise Malformed from error


def error_response(text: str, status: int = 400) -> JsonResponse:
    """Tell the page's script what was wrong."""
    return JsonResponse({"message": text}, status=status)
