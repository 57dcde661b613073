"""What a site may choose about the pictures for people; the values come from app.yaml."""

from dataclasses import dataclass

from pydantic import StrictBool


@dataclass(frozen=True)
class ReportSettings:
    """Which files for people are written beside preview.png.

    Attributes:
        page: result.html, NCCT and Syn-CTA to scroll through.
    """

    page: StrictBool = True
