"""TLS of the DICOM port and towards targets."""

import ssl
from typing import Any

from app.gateway.settings import ClientTLS, ServerTLS
from operators.errors import Reason, Refusal

_OLDEST = ssl.TLSVersion.TLSv1_2  # BCP 195 TLS Secure Transport Connection Profile (PS3.15 B.9)


class _LateHandshake(ssl.SSLContext):
    """Leaves the handshake to the thread of the association: a silent client must not block the listener."""

    def wrap_socket(self, sock: Any, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        """Wrap without a handshake; the first read makes it."""
        return super().wrap_socket(sock, *args, **{**kwargs, "do_handshake_on_connect": False})


def server_context(tls: ServerTLS) -> ssl.SSLContext:
    """TLS context of the DICOM port.

    Raises:
        Refusal: SETTINGS, when a file cannot be used.
    """
    context = _LateHandshake(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _OLDEST
    try:
        context.load_cert_chain(tls.certificate, tls.key)
        if tls.client_ca is not None:
            context.load_verify_locations(tls.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as error:  # also ssl.SSLError
        raise Refusal(Reason.SETTINGS, "dicom.tls: a file is missing or is not a PEM certificate or key.") from error
    return context


def client_context(tls: ClientTLS) -> ssl.SSLContext:
    """TLS context for connections to a target.

    Raises:
        OSError: when a file cannot be used.
    """
    context = ssl.create_default_context(cafile=tls.ca)
    context.minimum_version = _OLDEST
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key)
    return context
