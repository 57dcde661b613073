"""Bricks of HU, under the token of the case that is open."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from app.reading.study import clock
from app.reading.study.answers import CaseNotOpen, protocol_of
from app.reading.study.middleware import for_roles
from app.reading.study.models import ConsensusCase, Role, Scan, Study
from app.reading.study.progress import next_case_of
from app.reading.study.volume_files import open_volume
from app.viewer.bricks import brick_ranges, encode_brick


@require_GET
@for_roles(Role.READER, Role.CONSENSUS)
def brick(request: HttpRequest, token: str, brick: int) -> HttpResponse:
    """HU of a few slices. Never compressed: the length would reveal something of the content, and so of the arm."""
    volume = open_volume(_scan(request, token))
    ranges = brick_ranges(volume.shape[0])
    if brick >= len(ranges):
        raise Http404
    wanted = ranges[brick]
    body = encode_brick(volume[wanted.start : wanted.stop])
    return HttpResponse(body, content_type="application/octet-stream")


def _scan(request: HttpRequest, token: str) -> Scan:
    if request.user.role == Role.CONSENSUS:
        case = ConsensusCase.objects.select_related("scan").filter(token=token).first()
        if case is None:
            raise CaseNotOpen
        return case.scan
    current = next_case_of(request.user, protocol_of(Study.objects.get())).open_case(clock.now())
    if current is None or current.token != token:
        raise CaseNotOpen
    return current.scan
