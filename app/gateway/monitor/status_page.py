"""The page at /: the state of the gateway, for a browser. It holds no patient data: the name of a job is a hash."""

import time
from collections.abc import Mapping
from html import escape

from app.gateway.queue.progress import progress_of
from app.gateway.queue.record import DeliveryRecord, JobRecord
from app.gateway.queue.spool import Job, Spool, State
from app.version import VERSION

_UNDER_WAY = (State.INCOMING, State.QUEUED, State.PROCESSING, State.SENDING)
_WAITING = (State.QUEUED, State.PROCESSING, State.SENDING)
_LISTED = 50
"""Largest number of jobs listed for a state, so that the page stays small."""

_REFRESH_S = 5

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="{refresh_s}">
<meta name="viewport" content="width=device-width"><title>Syn-CTA gateway: {verdict}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1b1f24 }}
table {{ border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem }}
th, td {{ text-align: left; padding: .25rem .75rem; border-bottom: 1px solid #d8dee4; vertical-align: top }}
th {{ font-weight: 600 }} td.job {{ font-family: ui-monospace, monospace; font-size: 12px }}
.good {{ color: #116329 }} .bad {{ color: #a40e26; font-weight: 600 }}
@media (prefers-color-scheme: dark) {{ body {{ background: #101418; color: #d8dee4 }}
th, td {{ border-color: #30363d }} .good {{ color: #57d377 }} .bad {{ color: #ff8a8a }} }}
</style></head><body>
<h1>Syn-CTA gateway</h1>
<p>Version {version}, {now}: <strong class="{tone}">{verdict}</strong>. {oldest}</p>
<table><tr>{states}</tr><tr>{numbers}</tr></table>
<h2>In progress</h2>{under_way}
<h2>Needs attention</h2>{failed}
<p>Research software: the results are synthetic, no contrast was given, and they are not for diagnosis.
<a href="/ready">/ready</a> <a href="/health">/health</a> <a href="/metrics">/metrics</a></p>
</body></html>
"""


def status_page(spool: Spool, checks: Mapping[str, bool]) -> str:
    """Describe the queue.

    Args:
        spool: opened queue.
        checks: as /ready reports them.

    Returns:
        A page of HTML that loads nothing and refreshes itself.
    """
    jobs = {state: spool.jobs(state) for state in State}
    failing = [name for name, holds in checks.items() if not holds]
    waiting = [job.created_s for state in _WAITING for job in jobs[state]]
    ended = [job for state in (State.DEAD_LETTER, State.REFUSED) for job in jobs[state][: -_LISTED - 1 : -1]]
    return _PAGE.format(
        refresh_s=_REFRESH_S,
        version=escape(VERSION),
        now=time.strftime("%Y-%m-%d %H:%M:%S %Z"),
        tone="bad" if failing else "good",
        verdict=escape(f"not ready: {', '.join(failing)}" if failing else "ready"),
        oldest=f"The oldest job in progress is {_age(min(waiting))} old." if waiting else "No job is waiting.",
        states="".join(f"<th>{state.value}</th>" for state in State),
        numbers="".join(f"<td>{len(jobs[state])}</td>" for state in State),
        under_way=_table([job for state in reversed(_UNDER_WAY) for job in jobs[state][:_LISTED]]),
        failed=_table(ended),
    )


def _table(jobs: list[Job]) -> str:
    if not jobs:
        return "<p>None.</p>"
    rows = "".join(
        f'<tr><td class="job">{job.name}</td><td>{job.state.value}</td><td>{_age(job.created_s)}</td>'
        f"<td>{len(job.object_names())}</td><td>{escape(_status(job))}</td></tr>"
        for job in jobs
    )
    return f"<table><tr><th>job</th><th>state</th><th>age</th><th>objects</th><th>what</th></tr>{rows}</table>"


def _status(job: Job) -> str:
    """Progress of a job within its state, and its last error."""
    record = JobRecord.read(JobRecord.path(job.folder))
    words = []
    if job.state is State.PROCESSING and (progress := progress_of(job)):
        words.append(progress.words)
    if record.attempts > 1 or (record.attempts and job.state is State.QUEUED):
        words.append(f"run {record.attempts}")
    if record.reason:
        words.append(record.reason)
    for path in sorted(job.folder.glob("delivery-*.json")):
        delivery = DeliveryRecord.read(path)
        if not delivery.sent and delivery.reason:
            what_next = "given up" if delivery.given_up else f"try {delivery.attempts}"
            words.append(f"{path.stem.removeprefix('delivery-')}: {delivery.reason} ({what_next})")
        elif delivery.transaction_uid:
            words.append(f"{path.stem.removeprefix('delivery-')}: waiting for storage commitment")
    return "; ".join(words)


def _age(since_s: float) -> str:
    seconds = max(0.0, time.time() - since_s)
    for unit_s, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit_s:
            return f"{seconds / unit_s:.0f} {unit}"
    return f"{seconds:.0f} s"
