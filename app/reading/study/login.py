"""Logging in by a personal link and a password; ten wrong passwords lock the link until the lead invites anew."""

import secrets
from datetime import datetime

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from app.reading.study.events import append_event
from app.reading.study.models import Reader

MAX_FAILED_LOGINS = 10
_PASSWORD_WORDS = 4
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are mistaken for each other


class LinkAndPassword(BaseBackend):
    """Authentication backend of Django."""

    def authenticate(self, request: HttpRequest | None, link: str = "", password: str = "") -> Reader | None:
        """The person of a link, when the password is right and the link is not locked."""
        reader = Reader.objects.filter(link=link, invited_at__isnull=False).first()
        if reader is None:
            make_password(password)  # takes as long as a wrong password, so that links cannot be guessed by time
            return None
        if reader.failed_logins >= MAX_FAILED_LOGINS:
            return None
        if reader.check_password(password):
            Reader.objects.filter(pk=reader.pk).update(failed_logins=0)
            return reader
        # The database counts, so that many tries at once are all counted.
        Reader.objects.filter(pk=reader.pk).update(failed_logins=F("failed_logins") + 1)
        return None

    def get_user(self, user_id: int) -> Reader | None:
        """The person of a session."""
        return Reader.objects.filter(pk=user_id).first()


def invite(code: str, at: datetime) -> tuple[str, str]:
    """Make a new link and password for a person; earlier ones become invalid, and a lock is removed.

    Args:
        code: of the person.
        at: now.

    Returns:
        Link token and password; the password is stored nowhere.

    Raises:
        Reader.DoesNotExist: for an unknown code.
    """
    with transaction.atomic():
        reader = Reader.objects.get(code=code)
        groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(_PASSWORD_WORDS))
        password = "-".join(groups)
        reader.link = secrets.token_urlsafe(16)
        reader.set_password(password)
        reader.failed_logins = 0
        reader.invited_at = at
        reader.save()
        append_event("system", "invited", {"reader": code}, at)
    return reader.link, password
