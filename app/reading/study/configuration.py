"""Django's settings, made for one study folder in code: a study has no settings file."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.db import connections

from operators.errors import Reason, Refusal

DATABASE_VARIABLE = "SYN_CTA_READING_DATABASE"
"""postgresql://user:password@host:port/name; in the environment, since a password does not belong on a command line."""

DATABASE_FILE, VOLUMES, SECRET, KEY = "study.sqlite3", "volumes", "secret.key", "key.csv"
STUDY_APP = "app.reading.study"
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class StudyFolder:
    """Where a study's files lie.

    Attributes:
        path: the folder, for its owner alone.
    """

    path: Path

    @property
    def volumes(self) -> Path:
        """Folder of the blinded volumes."""
        return self.path / VOLUMES

    @property
    def key(self) -> Path:
        """Pseudonym to the site's identifier; never exported."""
        return self.path / KEY

    def secret(self) -> str:
        """Key that signs sessions; made when first asked for."""
        path = self.path / SECRET
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48), encoding="ascii")
        return path.read_text(encoding="ascii")


def prepare_django() -> None:
    """Set Django up without a database; once a process."""
    if not settings.configured:
        settings.configure(**_settings(), DATABASES={})
        django.setup()


def open_study(path: Path, hosts: tuple[str, ...] = ("127.0.0.1", "localhost")) -> StudyFolder:
    """Make Django ready for a study.

    Args:
        path: the study's folder, which exists.
        hosts: names under which readers reach the server.

    Returns:
        The folder.

    Raises:
        Refusal: NO_INPUT, when the folder does not exist; SETTINGS for a database address that is none.
    """
    if not path.is_dir():
        raise Refusal(Reason.NO_INPUT, "There is no study in this folder. Create one: python -m app.reading create -h")
    folder = StudyFolder(path.resolve())
    database = _database(folder)
    settings.SECRET_KEY = folder.secret()
    settings.ALLOWED_HOSTS = list(hosts)
    settings.READING_FOLDER = folder
    connections["default"].close()
    del connections["default"]
    connections.settings = connections.configure_settings({"default": database})
    return folder


def _database(folder: StudyFolder) -> dict[str, Any]:
    url = os.environ.get(DATABASE_VARIABLE)
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(folder.path / DATABASE_FILE),
            # Write transactions take the lock at their start, so that two of them wait and none fails half way.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise Refusal(
            Reason.SETTINGS,
            f"{DATABASE_VARIABLE} must have the form postgresql://user:password@host:port/name, or be unset.",
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _settings() -> dict[str, Any]:
    return {
        "DEBUG": False,
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "AUTH_USER_MODEL": "reading.Reader",
        "AUTHENTICATION_BACKENDS": [f"{STUDY_APP}.login.LinkAndPassword"],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "ROOT_URLCONF": f"{STUDY_APP}.urls",
        "INSTALLED_APPS": [
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            f"{STUDY_APP}.apps.StudyConfig",
        ],
        "MIDDLEWARE": [
            f"{STUDY_APP}.middleware.require_https",
            f"{STUDY_APP}.middleware.security_headers",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            f"{STUDY_APP}.middleware.RefusalPages",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [_HERE / "templates"],
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_AGE": 12 * 3600,
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_FAILURE_VIEW": f"{STUDY_APP}.middleware.csrf_failed",
        "LOGGING_CONFIG": None,
    }
