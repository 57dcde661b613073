"""Storage commitment: a target promises to keep what it was sent (PS3.4 Annex J, push model).

The gateway asks by N-ACTION. The report comes by N-EVENT-REPORT, over the same association or later over one that the
target opens, and is stored in the folder of the job until the delivery reads it.
"""

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import evt
from pynetdicom.events import Event
from pynetdicom.sop_class import StorageCommitmentPushModel, StorageCommitmentPushModelInstance

from app.gateway.queue.record import DeliveryRecord, Record
from app.gateway.queue.spool import Spool, State
from app.gateway.send.association import associate
from app.gateway.send.targets import DeliveryFailed, read_result
from app.gateway.settings import DicomTarget

logger = logging.getLogger(__name__)

_REQUEST_STORAGE_COMMITMENT = 1  # action type
_SUCCESS = 0x0000
_PROCESSING_FAILURE = 0x0110
_SAME_ASSOCIATION_S = 1.0
"""How long the association stays open for a target that reports at once over it."""


@dataclass
class CommitmentReport(Record):
    """commitment-<target>.json.

    Attributes:
        committed: SOP Instance UIDs that the target keeps.
        failed: reason of each that it does not keep (Failure Reason, 0008,1197).
    """

    committed: list[str] = field(default_factory=list)
    failed: dict[str, int] = field(default_factory=dict)

    @staticmethod
    def path(folder: Path, target: str) -> Path:
        """Where it lies in the folder of a job."""
        return folder / f"commitment-{target}.json"

    @classmethod
    def of(cls, event_information: Dataset) -> Self:
        """Read an N-EVENT-REPORT."""
        return cls(
            [str(item.ReferencedSOPInstanceUID) for item in event_information.get("ReferencedSOPSequence") or []],
            {
                str(item.ReferencedSOPInstanceUID): int(item.get("FailureReason") or 0)
                for item in event_information.get("FailedSOPSequence") or []
            },
        )

    def check(self, files: list[Path]) -> None:
        """Check that the target keeps every object of a result.

        Raises:
            DeliveryFailed: when it does not.
        """
        if self.failed:
            raise DeliveryFailed(f"not_committed_{next(iter(self.failed.values())):04x}")
        if not {str(read_result(file, pixels=False).SOPInstanceUID) for file in files}.issubset(self.committed):
            raise DeliveryFailed("not_committed")


class CommitmentReports:
    """Takes reports for the jobs that wait for one.

    Args:
        spool: opened queue.
    """

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def take(self, event: Event) -> tuple[int, None]:
        """Handler of EVT_N_EVENT_REPORT; success only when the report is on the disk, or no job waits for it."""
        try:
            information = event.event_information
            known = self._store_report(str(information.TransactionUID), CommitmentReport.of(information))
        except Exception as error:  # pydicom raises any kind of error on damaged bytes
            logger.warning("A storage commitment report cannot be read: %s", type(error).__name__)
            return _PROCESSING_FAILURE, None
        if not known:
            logger.warning("A storage commitment report matches no job that waits for one")
        return _SUCCESS, None

    def _store_report(self, transaction_uid: str, report: CommitmentReport) -> bool:
        with self._spool.lock:
            for job in self._spool.jobs(State.SENDING):
                for path in job.folder.glob("delivery-*.json"):
                    if DeliveryRecord.read(path).transaction_uid == transaction_uid:
                        report.write(CommitmentReport.path(job.folder, path.stem.removeprefix("delivery-")))
                        return True
        return False


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
