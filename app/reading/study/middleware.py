"""Middleware of the pages: encryption, security headers, and refusals as pages."""

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from app.reading.study.answers import AlreadyAnswered, CaseNotOpen
from app.reading.study.consensus import NothingToDecide, ReadingNotComplete
from app.reading.study.events import StudyLocked
from app.reading.study.lock import StudyNotComplete

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; worker-src 'self' blob:; img-src 'self' data: blob:; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # no-referrer would make the origin of forms null, which CSRF refuses
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",  # no picture and no answer remains in a browser's cache
}
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")

_REFUSALS: dict[type[Exception], tuple[int, str]] = {
    StudyLocked: (409, "The study is locked. Nothing can be changed any more."),
    AlreadyAnswered: (409, "This case has another answer already. An answer cannot be changed."),
    NothingToDecide: (409, "There is nothing to decide here: the readers agree, or it was decided before."),
    CaseNotOpen: (403, "This case is not open to you now. Go to the start page to continue."),
    ReadingNotComplete: (403, "Consensus begins when all readers have answered all cases."),
    StudyNotComplete: (409, ""),
}


def require_https(get_response: Callable) -> Callable:
    """Refuse plain HTTP, unless browser and server are on one machine."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.is_secure() and not _on_this_machine(request):
            return HttpResponse("Open this page by https://.\n", status=403, content_type="text/plain")
        return get_response(request)

    return middleware


def _on_this_machine(request: HttpRequest) -> bool:
    host = request.META.get("HTTP_HOST", "").rsplit(":", 1)[0].strip("[]")
    try:
        peer = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return peer.is_loopback and host in _LOOPBACK_NAMES


def security_headers(get_response: Callable) -> Callable:
    """Security headers: the page loads from this server only, nothing is cached, no referrer is sent to other sites."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in _HEADERS.items():
            response[name] = value
        return response

    return middleware


class RefusalPages:
    """Turn the rules' exceptions into pages with the right status."""

    def __init__(self, get_response: Callable) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page for a refusal; Django handles everything else."""
        if type(exception) not in _REFUSALS:
            return None
        status, text = _REFUSALS[type(exception)]
        return message(request, text or str(exception), status)


def message(request: HttpRequest, text: str, status: int) -> HttpResponse:
    """A page of one sentence."""
    return render(request, "message.html", {"text": text}, status=status)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form that did not come from here."""
    return message(request, "This form is too old or comes from another site. Load the page again.", 403)


def for_roles(*roles: str) -> Callable:
    """Let only people of these roles see a page; everybody else gets no content."""

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect("closed")
            if request.user.role not in roles:
                return message(request, "This page is not for you.", 403)
            return view(request, *args, **kwargs)

        return guarded

    return decorate
