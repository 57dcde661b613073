"""Starts the parts of the gateway, runs housekeeping, and stops them."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

from app.gateway.convert.supersede import EarlierResults
from app.gateway.convert.worker import Worker
from app.gateway.descriptors import budget_descriptors
from app.gateway.metrics import Metrics
from app.gateway.monitor.http_server import CLIENTS, HttpServer
from app.gateway.monitor.status_page import status_page
from app.gateway.queue.commitment_report import CommitmentReports
from app.gateway.queue.own_output import OwnOutput
from app.gateway.queue.retention import delete_expired
from app.gateway.queue.spool import Spool
from app.gateway.receive.dicom_node import CONNECTIONS, DicomNode
from app.gateway.receive.intake import Intake
from app.gateway.send.delivery import Delivery
from app.gateway.send.store_target import StoreTarget
from app.gateway.send.targets import Target
from app.gateway.send.web_target import WebTarget
from app.gateway.settings import DicomTarget, GatewaySettings
from operators.errors import Reason, Refusal

logger = logging.getLogger(__name__)

_TICK_S = 0.25
_RETENTION_EVERY_S = 60.0
_ASSOCIATIONS_END_S = 5.0
_MEGABYTE = 1 << 20


class Gateway:
    """A running gateway.

    Args:
        settings: gateway.yaml.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._spool = Spool(settings.queue.folder)
        self._stop = threading.Event()

    def request_stop(self, *_: object) -> None:
        """Let `run` return; can be used as a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Serve until stopped.

        Raises:
            Refusal: when the queue, a port or a TLS file cannot be used.
        """
        os.umask(0o077)  # files of the queue are for their owner only
        settings = self._settings
        # a target has an association, and perhaps one more on which it reports
        budget_descriptors(CONNECTIONS + CLIENTS + 2 * len(settings.targets))
        self._spool.open()
        try:
            metrics = Metrics(self._spool)
            own = OwnOutput(settings.queue.folder)
            intake = Intake(self._spool, settings.queue)
            reports = CommitmentReports(self._spool)
            earlier = EarlierResults(self._spool, {target.name: target.rejection_notes for target in settings.targets})
            worker = Worker(self._spool, settings.worker, own, earlier, metrics)
            delivery = Delivery(self._spool, open_targets(settings, self._spool), settings.retry, metrics)
            node = DicomNode(
                settings.dicom,
                min_free_mb=settings.queue.min_free_mb,
                spool=self._spool,
                intake=intake,
                own=own,
                metrics=metrics,
                reports=reports if _asks_for_commitment(settings) else None,
                can_convert=lambda: worker.is_alive() and delivery.alive,
            )
            self._serve(node, intake, worker, delivery, metrics)
        finally:
            self._spool.close()

    def _serve(self, node: DicomNode, intake: Intake, worker: Worker, delivery: Delivery, metrics: Metrics) -> None:
        def health() -> dict[str, bool]:
            return {"worker": worker.is_alive(), "delivery": delivery.alive}

        def ready() -> dict[str, bool]:
            free = self._spool.free_bytes() >= self._settings.queue.min_free_mb * _MEGABYTE
            return {**health(), "dicom": node.listening, "disk": free, "not_stopping": not self._stop.is_set()}

        http = None
        if self._settings.http is not None:
            http = HttpServer(
                self._settings.http,
                health=health,
                ready=ready,
                page=lambda: status_page(self._spool, ready()),
                metrics=metrics,
            )
        node.start()
        worker.start()
        delivery.start()
        if http is not None:
            http.start()
        logger.info("The gateway listens on port %d", self._settings.dicom.port)
        try:
            self._run_housekeeping(intake, health, metrics)
        finally:
            logger.info("The gateway is stopping")
            end_s = time.monotonic() + self._settings.stop_grace_s
            node.stop(min(_ASSOCIATIONS_END_S, self._settings.stop_grace_s))
            worker.stop(max(0.0, end_s - time.monotonic()))
            delivery.stop(max(1.0, end_s - time.monotonic()))
            if http is not None:
                http.stop()
            logger.info("The gateway has stopped")

    def _run_housekeeping(self, intake: Intake, health: Callable[[], dict[str, bool]], metrics: Metrics) -> None:
        """Until stopped.

        Raises:
            Refusal: INTERNAL, when a part has died: the process then ends, so that its supervisor starts it again.
        """
        next_retention_s = 0.0
        while not self._stop.wait(_TICK_S):
            dead = [name for name, alive in health().items() if not alive]
            if dead:
                raise Refusal(
                    Reason.INTERNAL,
                    f"The gateway ends because a part of it has stopped: {', '.join(dead)}. Start the gateway again.",
                )
            try:
                for outcome in intake.complete_series():
                    metrics.series.labels(outcome.value).inc()
                if time.monotonic() >= next_retention_s:
                    next_retention_s = time.monotonic() + _RETENTION_EVERY_S
                    delete_expired(self._spool, self._settings.retention)
            except Exception as error:  # for example a full disk, which may get space again
                metrics.errors.labels("housekeeping").inc()
                logger.error("Housekeeping of the queue failed: %s", type(error).__name__)


def open_targets(settings: GatewaySettings, spool: Spool) -> list[Target]:
    """Make all targets, in the order of gateway.yaml.

    Args:
        settings: gateway.yaml.
        spool: the queue, to which reports of storage commitment go.
    """
    calling, reports = settings.dicom.ae_title, CommitmentReports(spool)
    return [
        StoreTarget(target, calling, reports) if isinstance(target, DicomTarget) else WebTarget(target)
        for target in settings.targets
    ]


def _asks_for_commitment(settings: GatewaySettings) -> bool:
    return any(isinstance(target, DicomTarget) and target.commitment for target in settings.targets)


def run_gateway(settings: GatewaySettings) -> None:
    """Run a gateway in this process until SIGTERM or SIGINT.

    Args:
        settings: gateway.yaml.

    Raises:
        Refusal: when the queue, a port or a TLS file cannot be used.
    """
    gateway = Gateway(settings)
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, gateway.request_stop)
    gateway.run()
