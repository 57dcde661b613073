"""Hands results to a DICOM node by C-STORE. Sending again what a peer has is harmless."""

import threading
from pathlib import Path

import pydicom
from pydicom.dataset import FileDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.association import Association

from app.gateway.no_delay import send_at_once
from app.gateway.send.held_reactor import held_reactor
from app.gateway.send.outgoing_limits import limit_target
from app.gateway.send.targets import DeliveryFailed, DeliveryStopped, read_result
from app.gateway.settings import DicomTarget
from app.gateway.tls import client_context

_UNCOMPRESSED = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
_TAKEN = {0x0000, 0xB000, 0xB006, 0xB007, 0x0111}
"""Success, warnings after which the peer keeps the object (PS3.4 B.2.3), and "has it already" (duplicate)."""


class StoreTarget:
    """A DICOM node that takes results by C-STORE.

    Args:
        settings: where it is.
        calling_ae_title: what the gateway calls itself.
    """

    def __init__(self, settings: DicomTarget, calling_ae_title: str) -> None:
        self.name = settings.name
        self._settings = settings
        self._calling_ae_title = calling_ae_title

    def send(self, files: list[Path], stop: threading.Event) -> None:
        """Hand over DICOM files over one association; see `Target`."""
        association = associate(self._settings, self._calling_ae_title, _presentation_contexts(files))
        try:
            with held_reactor(association):
                for file in files:
                    if stop.is_set():
                        raise DeliveryStopped
                    _store(association, read_result(file))
        except DeliveryFailed:
            association.abort()
            raise
        finally:
            association.release()  # nothing to do after an abort


def associate(settings: DicomTarget, calling_ae_title: str, contexts: dict[str, set[str]]) -> Association:
    """Open an association with a target.

    Args:
        settings: where it is.
        calling_ae_title: what the gateway calls itself.
        contexts: transfer syntaxes to offer for each SOP class.

    Raises:
        DeliveryFailed: when there is none.
    """
    ae = AE(calling_ae_title)
    ae.connection_timeout = ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = settings.timeout_s
    for sop_class, syntaxes in sorted(contexts.items()):
        ae.add_requested_context(sop_class, sorted(syntaxes))
    try:
        tls = (client_context(settings.tls), settings.host) if settings.tls else None
    except OSError as error:
        raise DeliveryFailed("tls_file_unusable") from error
    try:
        association = ae.associate(
            settings.host,
            settings.port,
            ae_title=settings.ae_title,
            max_pdu=0,
            tls_args=tls,
            evt_handlers=[(evt.EVT_CONN_OPEN, send_at_once), (evt.EVT_CONN_OPEN, limit_target, [settings.timeout_s])],
        )
    except OSError as error:  # a host that nobody knows
        raise DeliveryFailed(f"unreachable_{type(error).__name__}") from error
    if not association.is_established:
        raise DeliveryFailed("association_rejected" if association.is_rejected else "no_association")
    return association


def _store(association: Association, dataset: FileDataset) -> None:
    try:
        answer = association.send_c_store(dataset)
    except ValueError as error:  # no accepted presentation context fits
        raise DeliveryFailed("transfer_syntax_not_accepted") from error
    except RuntimeError as error:  # the association is gone
        raise DeliveryFailed("connection_lost") from error
    if "Status" not in answer:
        raise DeliveryFailed("connection_lost")
    if answer.Status not in _TAKEN:
        raise DeliveryFailed(f"status_{answer.Status:04x}")


def _presentation_contexts(files: list[Path]) -> dict[str, set[str]]:
    """Transfer syntaxes to offer for each SOP class: as written, for uncompressed files also the other plain one."""
    contexts: dict[str, set[str]] = {}
    for file in files:
        meta = pydicom.filereader.read_file_meta_info(file)
        syntax = meta.TransferSyntaxUID
        offered = _UNCOMPRESSED if syntax in _UNCOMPRESSED else (syntax,)
        contexts.setdefault(meta.MediaStorageSOPClassUID, set()).update(offered)
    return contexts
