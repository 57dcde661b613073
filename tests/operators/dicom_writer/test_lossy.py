"""What a source says of the compression that it went through."""

import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from operators.dicom_writer.lossy import was_lossy


def source(syntax, said=None):
    header = FileDataset("", {}, file_meta=FileMetaDataset())
    if syntax is not None:
        header.file_meta.TransferSyntaxUID = syntax
    if said is not None:
        header.LossyImageCompression = said
    return header


@pytest.mark.parametrize("said", [None, "", "00"])
@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless], ids=lambda uid: uid.name)
def test_a_lossy_transfer_syntax_tells_it_whatever_the_header_says(syntax, said):
    assert was_lossy(source(syntax, said))


@pytest.mark.parametrize(("said", "lossy"), [(None, True), ("01", True), ("00", False)])
@pytest.mark.parametrize("syntax", [JPEG2000, HTJ2K], ids=lambda uid: uid.name)
def test_a_transfer_syntax_that_may_be_lossy_is_unless_the_header_denies_it(syntax, said, lossy):
    assert was_lossy(source(syntax, said)) is lossy


@pytest.mark.parametrize(("said", "lossy"), [(None, False), ("00", False), ("01", True)])
@pytest.mark.parametrize("syntax", [None, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless, RLELossless])
def test_of_a_lossless_transfer_syntax_the_header_decides(syntax, said, lossy):
    assert was_lossy(source(syntax, said)) is lossy
