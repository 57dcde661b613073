"""Refusals travel whole, and errors of the system are known for what they are."""

import errno
import io
import pickle

import pytest
from pydicom import Dataset

from operators.errors import ExitCode, Reason, Refusal, system_errno


def test_a_refusal_is_the_same_in_another_process():
    refusal = pickle.loads(pickle.dumps(Refusal(Reason.BUNDLE, "The bundle has no weights.")))  # noqa: S301 - our own
    assert (refusal.reason, refusal.message) == (Reason.BUNDLE, "The bundle has no weights.")


class FullDisk(io.BytesIO):
    def write(self, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_known_through_what_pydicom_makes_of_it():
    dataset = Dataset()
    dataset.PatientID = "1"
    with pytest.raises(OSError, match="With tag") as raised:
        dataset.save_as(FullDisk(), implicit_vr=False, little_endian=True)
    assert raised.value.errno is None
    assert system_errno(raised.value) == errno.ENOSPC


def test_damaged_bytes_are_no_error_of_the_system():
    assert system_errno(OSError("broken data stream")) is None


@pytest.mark.parametrize("reason", [Reason.NO_INPUT, Reason.UNREADABLE, Reason.OUT_OF_MEMORY, Reason.INTERNAL])
def test_what_the_machine_or_a_storage_may_mend_is_not_final(reason):
    assert not reason.is_final


@pytest.mark.parametrize("reason", [Reason.NO_CT_SERIES, Reason.SERIES_NOT_FOUND])
def test_an_input_that_was_read_and_holds_no_such_series_is_final(reason):
    assert reason.is_final


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason.exit_code is ExitCode.DATA])
def test_a_series_that_must_not_be_converted_is_final(reason):
    assert reason.is_final
