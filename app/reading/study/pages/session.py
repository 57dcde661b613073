"""Login, display check, breaks, logout."""

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from app.reading.study import clock
from app.reading.study.middleware import for_roles
from app.reading.study.models import Role

BEGAN, DISPLAY_CHECKED = "began", "display_checked"
_HOME = {Role.READER: "case", Role.CONSENSUS: "consensus", Role.LEAD: "lead"}


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Send everybody to their page."""
    if not request.user.is_authenticated:
        return redirect("closed")
    return redirect(_HOME[request.user.role])


@require_GET
def closed(request: HttpRequest) -> HttpResponse:
    """For those who are not logged in."""
    return render(
        request, "message.html", {"text": "Open the link that you were given, with your password."}, status=401
    )


@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, link: str) -> HttpResponse:
    """The password."""
    if request.method == "GET":
        return render(request, "enter.html")
    person = authenticate(request, link=link, password=request.POST.get("password", "").strip())
    if person is None:
        return render(request, "enter.html", {"failed": True}, status=403)
    login(request, person)
    request.session[BEGAN] = clock.now().timestamp()
    return redirect("start")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Log out."""
    logout(request)
    return redirect("closed")


@require_http_methods(["GET", "POST"])
@for_roles(Role.READER, Role.CONSENSUS)
def display(request: HttpRequest) -> HttpResponse:
    """Grey ramp and patches, once a login."""
    if request.method == "POST":
        request.session[DISPLAY_CHECKED] = True
        return redirect("start")
    steps = [round(255 * i / 17) for i in range(18)]
    return render(request, "display.html", {"steps": steps})


@require_http_methods(["GET", "POST"])
@for_roles(Role.READER)
def pause(request: HttpRequest) -> HttpResponse:
    """The break page, after the protocol's minutes."""
    if request.method == "POST":
        request.session[BEGAN] = clock.now().timestamp()
        return redirect("case")
    return render(request, "break.html")
