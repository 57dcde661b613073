"""Sends results to a DICOM node by C-STORE. Sending an object again is harmless."""

from pathlib import Path

import pydicom
from pydicom.dataset import FileDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom.association import Association
from pynetdicom.sop_class import CTImageStorage, StorageCommitmentPushModel, Verification

from app.gateway.queue.commitment_report import CommitmentReports
from app.gateway.send.association import associate
from app.gateway.send.commitment import ask_for_commitment
from app.gateway.send.paused_reactor import paused_reactor
from app.gateway.send.targets import DeliveryFailed, DeliveryStopped, Stop, read_result
from app.gateway.settings import DicomTarget

_UNCOMPRESSED = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
_STORED = {0x0000, 0xB000, 0xB006, 0xB007, 0x0111}
"""Success, warnings after which the peer keeps the object (PS3.4 B.2.3), and "has it already" (duplicate)."""


class StoreTarget:
    """A DICOM node that takes results by C-STORE.

    Args:
        settings: address and options of the node.
        calling_ae_title: AE title of the gateway.
        reports: takes reports of storage commitment.
    """

    def __init__(self, settings: DicomTarget, calling_ae_title: str, reports: CommitmentReports) -> None:
        self.name = settings.name
        self._settings = settings
        self._calling_ae_title = calling_ae_title
        self._reports = reports

    def check(self) -> str:
        """C-ECHO; see `Target`."""
        plain: set[str] = set(_UNCOMPRESSED)
        contexts = {Verification: plain, CTImageStorage: plain}
        if self._settings.commitment:
            contexts[StorageCommitmentPushModel] = plain
        association = associate(self._settings, self._calling_ae_title, contexts)
        try:
            accepted = {context.abstract_syntax for context in association.accepted_contexts}
            if association.send_c_echo().get("Status") != 0x0000:
                raise DeliveryFailed("echo_failed")
            if CTImageStorage not in accepted:
                raise DeliveryFailed("the target does not accept CT images from the gateway")
            if self._settings.commitment and StorageCommitmentPushModel not in accepted:
                raise DeliveryFailed("commitment_not_supported")
        except (ValueError, RuntimeError) as error:  # Verification was not accepted; the association is gone
            raise DeliveryFailed("echo_failed") from error
        finally:
            association.release()
        return "answers C-ECHO and accepts CT images"

    @property
    def commitment_timeout_s(self) -> float | None:
        """How long to wait for storage commitment; None where it is not asked for."""
        return self._settings.commitment_timeout_s if self._settings.commitment else None

    def ask_for_commitment(self, files: list[Path], transaction_uid: str) -> None:
        """Ask the node to keep the files; see `Target`."""
        ask_for_commitment(self._settings, self._calling_ae_title, files, transaction_uid, self._reports)

    def send(self, files: list[Path], stop: Stop) -> None:
        """Send DICOM files over one association; see `Target`."""
        association = associate(self._settings, self._calling_ae_title, _presentation_contexts(files))
        try:
            with paused_reactor(association):
                for file in files:
                    if stop.is_set():
                        raise DeliveryStopped
                    _store(association, read_result(file))
        except DeliveryFailed:
            association.abort()
            raise
        finally:
            association.release()  # nothing to do after an abort


def _store(association: Association, dataset: FileDataset) -> None:
    try:
        answer = association.send_c_store(dataset)
    except ValueError as error:  # no accepted presentation context fits
        raise DeliveryFailed("transfer_syntax_not_accepted") from error
    except RuntimeError as error:  # the association is gone
        raise DeliveryFailed("connection_lost") from error
    if "Status" not in answer:
        raise DeliveryFailed("connection_lost")
    if answer.Status not in _STORED:
        raise DeliveryFailed(f"status_{answer.Status:04x}")


def _presentation_contexts(files: list[Path]) -> dict[str, set[str]]:
    """Transfer syntaxes to offer for each SOP class: as written, and for uncompressed files both uncompressed ones."""
    contexts: dict[str, set[str]] = {}
    for file in files:
        meta = pydicom.filereader.read_file_meta_info(file)
        syntax = meta.TransferSyntaxUID
        offered = _UNCOMPRESSED if syntax in _UNCOMPRESSED else (syntax,)
        contexts.setdefault(meta.MediaStorageSOPClassUID, set()).update(offered)
    return contexts
