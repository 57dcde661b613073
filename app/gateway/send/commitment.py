"""Storage commitment: a target promises to keep what it was sent (PS3.4 Annex J, push model).

The gateway asks by N-ACTION. The report comes by N-EVENT-REPORT, over the same association or later over one that the
target opens, and is stored in the folder of the job until the delivery reads it.
"""

import threading
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import evt
from pynetdicom.events import Event
from pynetdicom.sop_class import StorageCommitmentPushModel, StorageCommitmentPushModelInstance

from app.gateway.queue.commitment_report import CommitmentReport, CommitmentReports
from app.gateway.send.association import associate
from app.gateway.send.targets import DeliveryFailed, read_result
from app.gateway.settings import DicomTarget

_REQUEST_STORAGE_COMMITMENT = 1  # action type
_SUCCESS = 0x0000
_SAME_ASSOCIATION_S = 1.0
"""How long the association stays open for a target that reports at once over it."""


def check_committed(report: CommitmentReport, files: list[Path]) -> None:
    """Check that a target keeps every object of a result.

    Raises:
        DeliveryFailed: when it does not.
    """
    if report.failed:
        raise DeliveryFailed(f"not_committed_{next(iter(report.failed.values())):04x}")
    if not {str(read_result(file, pixels=False).SOPInstanceUID) for file in files}.issubset(report.committed):
        raise DeliveryFailed("not_committed")


def ask_for_commitment(
    settings: DicomTarget, calling_ae_title: str, files: list[Path], transaction_uid: str, reports: CommitmentReports
) -> None:
    """Ask a target to keep what it was sent.

    Args:
        settings: settings of the target.
        calling_ae_title: AE title of the gateway.
        files: the files that were sent to it.
        transaction_uid: under which the report comes.
        reports: takes the report if it comes at once.

    Raises:
        DeliveryFailed: when the target does not accept the request.
    """
    request = Dataset()
    request.TransactionUID = transaction_uid
    request.ReferencedSOPSequence = [_reference(file) for file in files]
    reported = threading.Event()

    def on_report(event: Event) -> tuple[int, None]:
        answer = reports.take(event)
        reported.set()
        return answer

    plain: set[str] = {ExplicitVRLittleEndian, ImplicitVRLittleEndian}
    association = associate(
        settings,
        calling_ae_title,
        {StorageCommitmentPushModel: plain},
        handlers=[(evt.EVT_N_EVENT_REPORT, on_report)],
    )
    try:
        answer, _ = association.send_n_action(
            request, _REQUEST_STORAGE_COMMITMENT, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
        )
        if answer.get("Status") != _SUCCESS:
            status = answer.get("Status")
            raise DeliveryFailed("connection_lost" if status is None else f"commitment_status_{status:04x}")
        reported.wait(_SAME_ASSOCIATION_S)
    except ValueError as error:
        raise DeliveryFailed("commitment_not_supported") from error
    except RuntimeError as error:  # the association is gone
        raise DeliveryFailed("connection_lost") from error
    finally:
        association.release()


def _reference(file: Path) -> Dataset:
    header = read_result(file, pixels=False)
    reference = Dataset()
    reference.ReferencedSOPClassUID = header.SOPClassUID
    reference.ReferencedSOPInstanceUID = header.SOPInstanceUID
    return reference
