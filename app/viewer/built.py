"""Folder of the built page."""

from pathlib import Path

from operators.errors import Reason, Refusal

WEB = Path(__file__).resolve().parent / "web"
BUILT = WEB / "built"
"""Made by `app.viewer.build`; git ignores it, wheel and image contain it."""


def built_page() -> Path:
    """Folder of the built page.

    Raises:
        Refusal: SETTINGS, when it was not built.
    """
    if not (BUILT / "index.html").is_file():
        raise Refusal(
            Reason.SETTINGS,
            "The page of the viewer is not built. Run make viewer, which needs an npm registry. Without one, open "
            "result.html or preview.png in the result folder.",
        )
    return BUILT
