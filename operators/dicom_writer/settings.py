"""What a site may choose about the written objects; the values come from app.yaml."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum


class Compression(StrEnum):
    """Lossless compression of the pixels; decoded they are the same to the last bit."""

    NONE = "none"
    JPEG_LS = "jpeg-ls"
    RLE = "rle"


@dataclass(frozen=True)
class DisplayWindow:
    """A default grey-level window.

    Attributes:
        name: explanation that a viewer shows (SH, at most 16 characters).
        center_hu: window centre.
        width_hu: window width, at least 1.
    """

    name: str
    center_hu: float
    width_hu: float


@dataclass(frozen=True)
class WriterSettings:
    """Choices for the written series.

    Attributes:
        manufacturer: Manufacturer (0008,0070) of the result: who runs this software.
        model_name: Manufacturer's Model Name (0008,1090) of the result.
        series_description: Series Description (0008,103E), at most 64 characters.
        series_number_offset: added to the source's Series Number, so that the result is listed behind its source; what
            goes with the result is listed two, three, ... offsets behind.
        windows: default windows, first one first.
        overlay_label: text drawn in overlay group 6000 of every slice, a layer of its own that viewers can switch off
            (the pixels stay untouched, so nothing is burnt in); empty for no overlay.
        compression: how the pixels are compressed.
    """

    manufacturer: str = "Syn-CTA"
    model_name: str = "Syn-CTA"
    series_description: str = "Syn-CTA (AI synthetic, no contrast)"
    series_number_offset: int = 1000
    windows: tuple[DisplayWindow, ...] = (
        DisplayWindow("CTA", 300, 600),
        DisplayWindow("SOFT TISSUE", 40, 400),
    )
    overlay_label: str = "SYNTHETIC"
    compression: Compression = Compression.NONE

    @property
    def fingerprint(self) -> str:
        """Digest over the settings: other settings make other objects, which need other UIDs."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class UncertaintySettings:
    """The second series: where not to trust the first.

    Attributes:
        enabled: whether the uncertainty is computed and written.
        series_description: Series Description (0008,103E), at most 64 characters.
    """

    enabled: bool = False
    series_description: str = "Syn-CTA uncertainty (AI, SD in HU)"
