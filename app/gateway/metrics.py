"""Prometheus metrics of the gateway; no label ever holds an id, a name or an AE title."""

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.gateway.queue.progress import progress_of
from app.gateway.queue.spool import Spool, State

_RUN_SECONDS = (5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)


class Metrics:
    """Counters of one gateway, in a registry of its own.

    Args:
        spool: the queue whose jobs are counted at each scrape.
    """

    def __init__(self, spool: Spool) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_QueueCollector(spool))

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"syn_cta_gateway_{name}", text, labels, registry=self._registry)

        self.associations = counter("associations", "Associations by outcome: accepted, rejected, cut.", "outcome")
        self.objects = counter(
            "objects", "Objects received, by outcome: stored, repeated, corrected, own, refused, no_room.", "outcome"
        )
        self.series = counter("series", "Complete series by outcome: queued, extended, corrected, repeated.", "outcome")
        self.runs = counter("runs", "Runs of the app by outcome: ok, refused, failed, interrupted.", "outcome")
        self.refusals = counter("refusals", "Series that the app refused, by its reason code.", "reason")
        self.deliveries = counter(
            "deliveries", "Attempts to send a result, by outcome: ok, failed, given_up.", "target", "outcome"
        )
        self.errors = counter("errors", "Unexpected errors inside the gateway, by part.", "part")
        self.run_seconds = Histogram(
            "syn_cta_gateway_run_seconds",
            "Seconds of a run of the app.",
            buckets=_RUN_SECONDS,
            registry=self._registry,
        )

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class _QueueCollector(Collector):
    """Counts the jobs on the disk at each scrape."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing to collect at registration: the queue may not be open yet."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Jobs by state, age of the oldest job in progress, free disk space."""
        jobs = GaugeMetricFamily("syn_cta_gateway_jobs", "Jobs by state.", labels=["state"])
        oldest_s = 0.0
        for state in State:
            found = self._spool.jobs(state)
            jobs.add_metric([state.value], len(found))
            if found and state in (State.QUEUED, State.PROCESSING, State.SENDING):
                oldest_s = max(oldest_s, time.time() - found[0].created_s)
        yield jobs
        share = GaugeMetricFamily("syn_cta_gateway_run_progress", "Share of the running job that is done, 0 to 1.")
        left = GaugeMetricFamily(
            "syn_cta_gateway_run_left_seconds", "Estimated seconds until the network has finished the running job."
        )
        for job in self._spool.jobs(State.PROCESSING):
            if progress := progress_of(job):
                share.add_metric([], progress.done / max(progress.total, 1))
                if progress.left_s is not None:
                    left.add_metric([], progress.left_s)
        yield share
        yield left
        yield GaugeMetricFamily(
            "syn_cta_gateway_oldest_job_seconds",
            "Age in seconds of the oldest job that is queued, processing or sending.",
            oldest_s,
        )
        yield GaugeMetricFamily(
            "syn_cta_gateway_free_bytes", "Free bytes on the disk of the queue.", self._spool.free_bytes()
        )
