"""A reader's case: the page, the draft, the answer, and the feedback of training."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from app.reading.protocol.items import items
from app.reading.protocol.schedule import TRAINING_PERIOD
from app.reading.study import clock
from app.reading.study.answers import CaseNotOpen, open_case, protocol_of, save_draft, submit
from app.reading.study.middleware import for_roles
from app.reading.study.models import Answer, Role, Study
from app.reading.study.pages.picture import describe_picture
from app.reading.study.pages.request_body import Malformed, error_response, read_body
from app.reading.study.pages.session import BEGAN, DISPLAY_CHECKED
from app.reading.study.progress import next_case_of


@require_GET
@for_roles(Role.READER)
def show(request: HttpRequest) -> HttpResponse:
    """The next case, or why there is none now."""
    study = Study.objects.get()
    protocol = protocol_of(study)
    next_case = next_case_of(request.user, protocol)
    if study.locked_at is not None or next_case.assignment is None:
        return render(request, "done.html")
    if not next_case.is_open(clock.now()):
        return render(request, "wait.html", {"opens_at": next_case.opens_at}, status=403)
    if not request.session.get(DISPLAY_CHECKED):
        return redirect("display")
    if clock.now().timestamp() - request.session.get(BEGAN, 0) > 60 * protocol.session_minutes:
        return redirect("pause")
    viewing = open_case(request.user, clock.now())
    token = next_case.assignment.token
    training = next_case.assignment.period == TRAINING_PERIOD
    asked = items(ask_origin=protocol.ask_origin)
    case = {
        **describe_picture(next_case.assignment.scan, token),
        "draft_url": reverse("draft", args=(token,)),
        "answer_url": reverse("answer", args=(token,)),
        "draft": viewing.draft,
        "seconds": viewing.active_seconds,
    }
    heading = f"{'Training case' if training else 'Case'} {next_case.number} of {next_case.total}"
    return render(request, "case.html", {"case": case, "items": asked, "heading": heading})


@require_POST
@for_roles(Role.READER)
def draft(request: HttpRequest, token: str) -> HttpResponse:
    """Store the choices so far."""
    try:
        body = read_body(request)
    except Malformed:
        return error_response("The answer could not be read. Load the page again.")
    save_draft(request.user, token, body["values"], body["seconds"], body["screen"], body["renderer"])
    return JsonResponse({})


@require_POST
@for_roles(Role.READER)
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Store the answer; the reply names the next page."""
    try:
        body = read_body(request)
        stored = submit(request.user, token, body["values"], body["seconds"], clock.now())
    except Malformed:
        return error_response("The answer could not be read. Load the page again.")
    except ValueError as error:
        return error_response(str(error))
    training = stored.assignment.period == TRAINING_PERIOD
    return JsonResponse({"next": reverse("feedback", args=(token,)) if training else reverse("case")})


@require_GET
@for_roles(Role.READER)
def feedback(request: HttpRequest, token: str) -> HttpResponse:
    """Feedback on a training case; for its own reader, after the answer."""
    given = (
        Answer.objects.filter(
            assignment__reader=request.user, assignment__token=token, assignment__period=TRAINING_PERIOD
        )
        .select_related("assignment__scan__patient")
        .first()
    )
    if given is None:
        raise CaseNotOpen
    patient = given.assignment.scan.patient
    return render(request, "feedback.html", {"given": given.diagnosis, "reference": patient.truth or patient.disease})
