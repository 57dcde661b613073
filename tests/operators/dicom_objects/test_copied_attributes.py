"""Text of the source in a result: as it was, but for what no archive files."""

import pytest
from pydicom.dataset import Dataset

from operators.dicom_objects.copied_attributes import copied_attributes
from operators.dicom_objects.equipment import contributing_equipment
from operators.dicom_objects.settings import WriterSettings
from operators.dicom_objects.source_contrast import SourceContrast
from tests.written_series import PROVENANCE


@pytest.mark.parametrize(
    ("text", "kept"),
    [("A\nB", "A B"), ("A\r\nB", "A  B"), ("A\x1bB", "A B"), ("A\tB", "A B"), ("\nA\n", "A"), ("Ärzte", "Ärzte")],
)
def test_a_line_of_text_holds_no_control_characters(text, kept):
    source = Dataset()
    source.add_new("StudyDescription", "LO", text)
    assert copied_attributes(source, ["StudyDescription"]).StudyDescription == kept


def test_the_name_of_a_hospital_holds_none_either():
    source = Dataset()
    source.add_new("InstitutionName", "LO", "A\nB")
    scanner, _ = contributing_equipment(source, PROVENANCE, WriterSettings(), SourceContrast())
    assert scanner.InstitutionName == "A B"
