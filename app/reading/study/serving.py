"""Serve a study: waitress for pages, whitenoise for the page's own scripts."""

from pathlib import Path
from typing import Any

import waitress
from django.core.wsgi import get_wsgi_application
from django.db import connections
from whitenoise import WhiteNoise

from app.viewer.built import built_page

STATIC = Path(__file__).parent / "static" / "reading"
_THREADS = 8


def application() -> WhiteNoise:
    """The WSGI application.

    Raises:
        Refusal: SETTINGS, when the viewer's page is not built.
    """
    app = WhiteNoise(get_wsgi_application())
    app.add_files(str(built_page()), prefix="static/viewer/")
    app.add_files(str(STATIC), prefix="static/reading/")
    return app


def make_server(listen: str, *, trusted_proxy: str | None = None) -> Any:
    """Bind the server.

    Args:
        listen: host:port.
        trusted_proxy: address of the TLS proxy, whose X-Forwarded-Proto and -For are trusted; no other client's are.

    Returns:
        A server with `run()` and `close()`.
    """
    proxy: dict[str, Any] = {}
    if trusted_proxy:
        proxy = {
            "trusted_proxy": trusted_proxy,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
        }
    return waitress.create_server(
        application(),
        listen=listen,
        threads=_THREADS,
        ident=None,  # do not name the software in the headers
        clear_untrusted_proxy_headers=True,
        **proxy,
    )


def close_connections() -> None:
    """Close the database connections of this thread."""
    connections.close_all()
