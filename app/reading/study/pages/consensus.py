"""The readers together: only what they differ on, answers without names."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from app.reading.protocol.items import Item
from app.reading.study import clock
from app.reading.study.answers import CaseNotOpen
from app.reading.study.consensus import cases, decide, open_items, questions, values_by_item
from app.reading.study.middleware import for_roles
from app.reading.study.models import ConsensusCase, Role, Study
from app.reading.study.pages.picture import describe_picture
from app.reading.study.pages.request_body import Malformed, error_response, read_body
from app.reading.study.pages.session import DISPLAY_CHECKED


@require_GET
@for_roles(Role.CONSENSUS)
def listing(request: HttpRequest) -> HttpResponse:
    """All cases of consensus, with what is still open."""
    rows = [
        {"number": number, "token": case.token, "open": questions(open_items(case.scan))}
        for number, case in enumerate(cases(), start=1)
    ]
    remaining = sum(bool(row["open"]) for row in rows)
    return render(request, "consensus.html", {"rows": rows, "remaining": remaining})


@require_GET
@for_roles(Role.CONSENSUS)
def show(request: HttpRequest, token: str) -> HttpResponse:
    """One case."""
    if not request.session.get(DISPLAY_CHECKED):
        return redirect("display")
    case = ConsensusCase.objects.select_related("scan").filter(token=token).first()
    if case is None:
        raise CaseNotOpen
    due = questions(open_items(case.scan))
    if not due or Study.objects.get().locked_at is not None:
        return redirect("consensus")
    given = values_by_item(case.scan)
    content = {
        **describe_picture(case.scan, token),
        "draft_url": None,
        "answer_url": reverse("consensus-answer", args=(token,)),
        "draft": {},
        "seconds": 0,
    }
    notes = [{"question": item.question, "given": _labels(item, given[item.name])} for item in due]
    return render(request, "case.html", {"case": content, "items": due, "heading": "Consensus", "notes": notes})


@require_POST
@for_roles(Role.CONSENSUS)
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Take what was agreed on."""
    try:
        decide(token, read_body(request)["values"], request.user.code, clock.now())
    except Malformed:
        return error_response("The answer could not be read. Load the page again.")
    except ConsensusCase.DoesNotExist:
        raise CaseNotOpen from None
    except ValueError as error:
        return error_response(str(error))
    return JsonResponse({"next": reverse("consensus")})


def _labels(item: Item, values: list[str]) -> str:
    names = dict(item.choices)
    return ", ".join(f"{value} {names[value]}" if value != names[value] else value for value in values)
