"""The DICOM node that receives: C-ECHO and C-STORE of CT, from allowed senders only, optionally over TLS."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import Dataset
from pydicom.filewriter import write_file_meta_info
from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.events import Event, EventHandlerType
from pynetdicom.sop_class import StorageCommitmentPushModel, Verification

from app.gateway.metrics import Metrics
from app.gateway.queue.commitment_report import CommitmentReports
from app.gateway.queue.own_output import OwnOutput
from app.gateway.queue.spool import Spool, StoreOutcome
from app.gateway.receive.accepted import STORED_CLASSES, readable_transfer_syntaxes
from app.gateway.receive.association_numbers import AssociationNumbers
from app.gateway.receive.intake import Intake, ObjectIdentity
from app.gateway.receive.reading_limits import limit_reading
from app.gateway.settings import ANY_AE_TITLE, DicomSettings, Sender
from app.gateway.tcp_nodelay import set_tcp_nodelay
from app.gateway.tls import server_context
from operators.errors import Reason, Refusal, is_unreadable

logger = logging.getLogger(__name__)


_SUCCESS = 0x0000

_REJECT_CALLING_AE = (0x01, 0x01, 0x03)  # rejected permanently, by the service user, calling AE title not recognised
_REJECT_TOO_MANY = (0x02, 0x03, 0x02)  # rejected transiently, by the provider, local limit exceeded
_REJECT_FOR_NOW = (0x02, 0x03, 0x01)  # rejected transiently, by the provider, temporary congestion
CONNECTIONS = 500
"""Open connections, with or without an association. pynetdicom keeps a connection that never asks for an association (a
port scan, a balancer's probe) until it times out; these must not use up the connections of senders."""
_ACSE_TIMEOUT_S = 10.0

_IDENTITY = ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "SyntheticData", "ImageType"]
_MEGABYTE = 1 << 20


@dataclass(frozen=True)
class _Outcome:
    """What became of an object: status of the answer (PS3.4 B.2.3), label in the metrics, words for the log."""

    status: int
    label: str
    why: str = ""


_STORED = {outcome: _Outcome(_SUCCESS, outcome.value) for outcome in StoreOutcome}
_OWN = _Outcome(_SUCCESS, "own")  # success, because its sender would otherwise try again for ever
_NO_ROOM = _Outcome(0xA700, "no_room", "the disk has less free space than queue.min_free_mb, or cannot be written")
_MISMATCH = _Outcome(
    0xA900, "refused", "SOP Class UID or SOP Instance UID of the data set differ from those of the request"
)
_CORRECTION = _Outcome(
    0xC111, "refused", "the SOP Instance UID is known with other content, and queue.corrections is refuse"
)
_UNREADABLE = _Outcome(0xC000, "refused", "the data set is damaged or lacks a UID")


def is_allowed(allow: list[Sender], ae_title: str, address: str) -> bool:
    """Whether a sender is on the allow-list.

    Args:
        allow: the allow-list.
        ae_title: its calling AE title.
        address: its IP address.
    """
    ip = ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip  # how an IPv6 socket shows an IPv4 sender
    return any(
        sender.ae_title in (ANY_AE_TITLE, ae_title) and (sender.address is None or ip in sender.address)
        for sender in allow
    )


class DicomNode:
    """C-ECHO and C-STORE SCP.

    Args:
        settings: AE title, address, allow-list, TLS.
        min_free_mb: room that must stay free on the disk of the queue.
        spool: takes half-received objects.
        intake: takes received objects.
        own: recognises the gateway's own results.
        metrics: counters.
        reports: takes reports of storage commitment; None if no target is asked for it.
        can_convert: whether received series can be converted at present; if not, associations are rejected.
    """

    def __init__(
        self,
        settings: DicomSettings,
        *,
        min_free_mb: int,
        spool: Spool,
        intake: Intake,
        own: OwnOutput,
        metrics: Metrics,
        reports: CommitmentReports | None = None,
        can_convert: Callable[[], bool] = lambda: True,
    ) -> None:
        self._settings = settings
        self._reports = reports
        self._can_convert = can_convert
        self._min_free_bytes = min_free_mb * _MEGABYTE
        self._spool = spool
        self._intake = intake
        self._own = own
        self._metrics = metrics
        self._server: Any = None
        self._not_stored: Counter[tuple[int, str]] = Counter()
        self._numbers = AssociationNumbers()
        _config.LOG_HANDLER_LEVEL = "none"  # pynetdicom's log is not shown; formatting it would cost time
        self._ae = AE(settings.ae_title)
        self._ae.require_called_aet = True
        self._ae.maximum_associations = CONNECTIONS
        self._ae.acse_timeout = _ACSE_TIMEOUT_S
        self._ae.maximum_pdu_size = 0
        self._ae.network_timeout = settings.network_timeout_s
        self._ae.add_supported_context(Verification)
        for sop_class in STORED_CLASSES:
            self._ae.add_supported_context(sop_class, readable_transfer_syntaxes())
        if reports is not None:  # the reporting target is the SCP, also over an association that it opens (PS3.4 J.3.3)
            self._ae.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)

    def start(self) -> None:
        """Listen.

        Raises:
            Refusal: SETTINGS, when the port cannot be bound or the TLS files cannot be used.
        """
        settings = self._settings
        handlers: list[EventHandlerType] = [
            (evt.EVT_CONN_OPEN, set_tcp_nodelay),
            (
                evt.EVT_CONN_OPEN,
                limit_reading,
                [_ACSE_TIMEOUT_S, settings.network_timeout_s, settings.max_object_mb * _MEGABYTE],
            ),
            (evt.EVT_REQUESTED, self._on_request),
            (evt.EVT_ACCEPTED, self._on_accepted),
            (evt.EVT_C_STORE, self._on_store),
            (evt.EVT_RELEASED, self._on_released),
            (evt.EVT_ABORTED, self._on_aborted),
            (evt.EVT_CONN_CLOSE, self._on_closed),
        ]
        if self._reports is not None:
            handlers.append((evt.EVT_N_EVENT_REPORT, self._reports.take))
        context = server_context(settings.tls) if settings.tls else None
        try:
            self._server = self._ae.start_server(
                (settings.host, settings.port), block=False, evt_handlers=handlers, ssl_context=context
            )
            self._server.verify_request = lambda *_: len(self._acceptors()) < CONNECTIONS
        except OSError as error:
            raise Refusal(
                Reason.SETTINGS,
                "The gateway cannot listen on dicom.host and dicom.port. Check whether another service uses the port.",
            ) from error

    @property
    def listening(self) -> bool:
        """Whether senders can connect."""
        return self._server is not None

    def stop(self, grace_s: float) -> None:
        """Stop listening, give associations some time to end, then abort them: their senders try again later.

        Args:
            grace_s: time for associations to end.
        """
        server, self._server = self._server, None
        if server is None:
            return
        server.shutdown()
        end_s = time.monotonic() + grace_s
        while self._acceptors() and time.monotonic() < end_s:
            time.sleep(0.1)
        for association in self._acceptors():
            association.abort()

    def _acceptors(self) -> list[Association]:
        return [association for association in self._ae.active_associations if association.is_acceptor]

    # ---- associations ----

    def _on_request(self, event: Event) -> None:
        requestor = event.assoc.requestor
        ae_title = str(requestor.primitive.calling_ae_title)
        if not is_allowed(self._settings.allow, ae_title, requestor.address):
            # %a: the title comes from outside and must not forge a line of the log
            logger.warning(
                "Association of AE title %a from %s rejected: not in dicom.allow", ae_title, requestor.address
            )
            self._reject(event, _REJECT_CALLING_AE)
        elif not self._can_convert():
            self._reject(event, _REJECT_FOR_NOW)
        elif sum(association.is_established for association in self._acceptors()) >= self._settings.max_associations:
            logger.warning(
                "Association rejected: %d are open already, as many as dicom.max_associations allows",
                self._settings.max_associations,
            )
            self._reject(event, _REJECT_TOO_MANY)

    def _reject(self, event: Event, why: tuple[int, int, int]) -> None:
        self._metrics.associations.labels("rejected").inc()
        event.assoc.acse.send_reject(*why)
        event.assoc.kill()

    def _on_accepted(self, event: Event) -> None:
        self._metrics.associations.labels("accepted").inc()

    def _on_released(self, event: Event) -> None:
        self._end(event, released=True)

    def _on_aborted(self, event: Event) -> None:
        self._metrics.associations.labels("cut").inc()
        self._end(event, released=False)

    def _on_closed(self, event: Event) -> None:
        if not event.assoc.is_released:  # pynetdicom knows an abort by a lost connection only a moment later
            self._end(event, released=False)

    def _end(self, event: Event, *, released: bool) -> None:
        ended = self._numbers[event.assoc]
        self._intake.association_ended(ended, released=released)
        for (association, outcome), number in list(self._not_stored.items()):
            if association == ended:  # one line for an association, not one for each of a thousand objects
                logger.warning("%d object(s) not accepted: %s", number, outcome)
                del self._not_stored[association, outcome]

    # ---- objects ----

    def _on_store(self, event: Event) -> int:
        """Answer one C-STORE; success only when the object is on the disk, or is one that is not stored on purpose."""
        outcome = self._store(event)
        self._metrics.objects.labels(outcome.label).inc()
        if outcome.status != _SUCCESS:
            self._not_stored[self._numbers[event.assoc], outcome.why] += 1
        return outcome.status

    def _store(self, event: Event) -> _Outcome:
        if self._spool.free_bytes() < self._min_free_bytes:
            return _NO_ROOM
        received = None
        try:
            received = self._spool.scratch_file()
            _write_file(received, event)
            header = _header(received)
            if header is None:
                return _UNREADABLE
            request = event.request
            announced = (request.AffectedSOPClassUID, request.AffectedSOPInstanceUID)
            if (header.SOPClassUID, header.SOPInstanceUID) != announced:
                return _MISMATCH
            if self._own.is_own(header):
                return _OWN
            identity = ObjectIdentity(header.StudyInstanceUID, header.SeriesInstanceUID, header.SOPInstanceUID)
            outcome = self._intake.store_object(received, identity, self._numbers[event.assoc])
            return _CORRECTION if outcome is None else _STORED[outcome]
        except OSError as error:
            logger.debug("An object cannot be written: error %s", error.errno)
            return _NO_ROOM
        finally:
            if received is not None:
                received.unlink(missing_ok=True)


def _write_file(path: Path, event: Event) -> None:
    """The object as it came, never re-encoded, with the file meta of the association."""
    with path.open("wb") as file:
        file.write(b"\0" * 128 + b"DICM")
        write_file_meta_info(file, event.file_meta)  # type: ignore[arg-type]  # any binary file will do
        file.write(event.request.DataSet.getbuffer())


def _header(path: Path) -> Dataset | None:
    """The attributes that identify an object; None where it is damaged or lacks one."""
    try:
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=_IDENTITY)
        complete = all(
            isinstance(header.get(name), str) and header.get(name)
            for name in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
        )
        header.get("SyntheticData"), header.get("ImageType")  # parsed only when asked for: damage shows here
    except Exception as error:  # pydicom raises any kind of error on damaged bytes
        if is_unreadable(error):
            raise
        logger.debug("A header cannot be read: %s", type(error).__name__)
        return None
    return header if complete else None
