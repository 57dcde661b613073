"""What the gateway accepts: the SOP classes that the app reads, in the transfer syntaxes that its reader decodes."""

from pydicom.pixels import get_decoder
from pydicom.uid import (
    JPEG2000,
    UID,
    CTImageStorage,
    EnhancedCTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    LegacyConvertedEnhancedCTImageStorage,
    RLELossless,
)

STORED_CLASSES = (CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage)

_PREFERENCE = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    JPEGLSLossless,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLossless,
    RLELossless,
    # lossy ones last: where a sender offers several, pynetdicom takes the first of ours
    JPEGLSNearLossless,
    JPEG2000,
    JPEGBaseline8Bit,
)


def readable_transfer_syntaxes() -> list[UID]:
    """Transfer syntaxes that the app's reader decodes, in order of preference; a sender converts to one of them."""
    # Two are left out. 12-bit JPEG Extended: an 8-bit decoder claims to support it. Deflated: a megabyte may unpack
    # to gigabytes, and reading its UIDs unpacks all of it.
    return [syntax for syntax in _PREFERENCE if get_decoder(syntax).is_available]
