"""What the objects state about the source: "no contrast was given" only if none was found."""

from dataclasses import dataclass

_NON_CONTRAST = "non-contrast CT"
_ENHANCED = "CT IN WHICH CONTRAST WAS FOUND"
_CONTRAST_MARK = "SOURCE HAS CONTRAST"
_NO_CONTRAST = "no contrast"
_LO_MAX = 64


@dataclass(frozen=True)
class SourceContrast:
    """Texts on the source for all objects, depending on what the loader found.

    Attributes:
        contrast_found: what speaks of contrast in the source, in sentences; empty where nothing does.
    """

    contrast_found: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """What the source is."""
        return _ENHANCED if self.contrast_found else _NON_CONTRAST

    @property
    def statement(self) -> str:
        """The sentence on contrast that every object bears."""
        if self.contrast_found:
            return "Contrast WAS FOUND in the source: not all that is bright is synthetic."
        return "No contrast agent was given."

    def mark_description(self, description: str) -> str:
        """A Series Description (0008,103E) that states contrast found in the source.

        Args:
            description: as the site wants it, at most 64 characters.

        Returns:
            The same, or one that says so, of at most 64 characters.
        """
        if not self.contrast_found:
            return description
        if _NO_CONTRAST in description.lower():
            start = description.lower().index(_NO_CONTRAST)
            return (description[:start] + _CONTRAST_MARK + description[start + len(_NO_CONTRAST) :])[:_LO_MAX]
        return f"{_CONTRAST_MARK}: {description}"[:_LO_MAX]
