"""The lead's dashboard: progress and dates; answers only after the lock, in the report."""

from django.conf import settings
from django.db.models import Count, Max, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.http import require_GET, require_POST

from app.reading.study import clock
from app.reading.study.answers import protocol_of
from app.reading.study.consensus import cases, open_items, reading_is_complete
from app.reading.study.lock import lock
from app.reading.study.middleware import for_roles, message
from app.reading.study.models import Reader, Role, Study
from app.reading.study.progress import next_case_of

REPORT = "report"
_REPORT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".csv": "text/csv",
    ".json": "application/json",
}


@require_GET
@for_roles(Role.LEAD)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Progress of all readers."""
    study = Study.objects.get()
    complete = reading_is_complete()
    context = {
        "study": study,
        "title": protocol_of(study).title,
        "readers": progress_rows(study),
        "complete": complete,
        "undecided": sum(len(open_items(case.scan)) for case in cases()) if complete else None,
        "report": (settings.READING_FOLDER.path / REPORT / "report.html").is_file(),
    }
    return render(request, "lead.html", context)


def progress_rows(study: Study) -> list[dict]:
    """Of each reader: cases answered and in all, last answer, and when the next period opens."""
    protocol = protocol_of(study)
    counted = Reader.objects.filter(role=Role.READER).annotate(
        total=Count("assignments"),
        done=Count("assignments", filter=Q(assignments__answer__isnull=False)),
        last=Max("assignments__answer__submitted_at"),
    )
    rows = []
    for reader in counted.order_by("number"):
        next_case = next_case_of(reader, protocol)
        waiting = next_case.opens_at if next_case.assignment and not next_case.is_open(clock.now()) else None
        rows.append(
            {
                "code": reader.code,
                "invited_at": reader.invited_at,
                "done": reader.done,
                "total": reader.total,
                "last": reader.last,
                "period": next_case.assignment.period if next_case.assignment else None,
                "opens_at": waiting,
                "locked_out": reader.failed_logins >= 10,
            }
        )
    return rows


@require_POST
@for_roles(Role.LEAD)
def lock_study(request: HttpRequest) -> HttpResponse:
    """Lock."""
    lock(request.user.code, clock.now())
    return redirect("lead")


@require_GET
@for_roles(Role.LEAD)
def report(request: HttpRequest) -> HttpResponse:
    """The report, after the lock."""
    return redirect("report-file", name="report.html")


@require_GET
@xframe_options_deny
@for_roles(Role.LEAD)
def report_file(request: HttpRequest, name: str) -> HttpResponse | FileResponse:
    """A file of the report."""
    if Study.objects.get().locked_at is None:
        return message(request, "There is no report before the lock.", 403)
    folder = settings.READING_FOLDER.path / REPORT
    path = folder / name
    if path.parent != folder or path.suffix not in _REPORT_TYPES or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type=_REPORT_TYPES[path.suffix])
