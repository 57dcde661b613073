"""Reports of storage commitment (N-EVENT-REPORT): stored in the folder of the job until the delivery reads them.

A report comes over the association that asked for it, or later over one that the target opens to the gateway.
"""

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from pydicom.dataset import Dataset
from pynetdicom.events import Event

from app.gateway.queue.record import DeliveryRecord, Record
from app.gateway.queue.spool import Spool, State

logger = logging.getLogger(__name__)

_SUCCESS = 0x0000
_PROCESSING_FAILURE = 0x0110


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
