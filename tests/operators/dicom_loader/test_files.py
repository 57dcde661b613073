"""Input folders that cannot be used are told by name alone."""

import pytest

from operators.dicom_loader.files import files_under
from operators.errors import Reason, Refusal
from tests.inaccessible_folder import inaccessible_folder


def test_a_closed_folder_above_the_input_is_refused(tmp_path):
    with inaccessible_folder(tmp_path) as closed, pytest.raises(Refusal) as refusal:
        files_under(closed / "in")
    assert refusal.value.reason is Reason.NO_INPUT
    assert "permissions" in refusal.value.message
