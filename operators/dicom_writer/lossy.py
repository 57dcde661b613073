"""Whether a source slice was compressed with loss; its Syn-CTA slice is marked in the same way."""

from pydicom.dataset import Dataset
from pydicom.uid import HTJ2K, JPEG2000, JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless

_ALWAYS_LOSSY = (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless)
_EITHER = (JPEG2000, HTJ2K)
_LOSSY, _LOSSLESS = "01", "00"


def was_lossy(source: Dataset) -> bool:
    """Check Lossy Image Compression (0028,2110) and the transfer syntax, which is correct even without it.

    A transfer syntax that may be either counts as lossy, unless the header says that it was not.

    Args:
        source: header of a source slice with file meta.

    Returns:
        True when the source is, or was before, compressed with loss.
    """
    said = str(source.get("LossyImageCompression") or "").strip()
    syntax = source.file_meta.get("TransferSyntaxUID")
    return said == _LOSSY or syntax in _ALWAYS_LOSSY or (syntax in _EITHER and said != _LOSSLESS)
