"""Opens an association with a target, with time limits."""

from collections.abc import Mapping, Sequence

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.events import EventHandlerType

from app.gateway.send.outgoing_limits import limit_target
from app.gateway.send.targets import DeliveryFailed
from app.gateway.settings import DicomTarget
from app.gateway.tcp_nodelay import set_tcp_nodelay
from app.gateway.tls import client_context


def associate(
    settings: DicomTarget,
    calling_ae_title: str,
    contexts: Mapping[str, set[str]],
    handlers: Sequence[EventHandlerType] = (),
) -> Association:
    """Open an association with a target.

    Args:
        settings: where it is.
        calling_ae_title: AE title of the gateway.
        contexts: transfer syntaxes to offer for each SOP class.
        handlers: of events of the association.

    Raises:
        DeliveryFailed: when no association can be opened.
    """
    ae = AE(calling_ae_title)
    ae.connection_timeout = ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = settings.timeout_s
    for sop_class, syntaxes in sorted(contexts.items()):
        ae.add_requested_context(sop_class, sorted(syntaxes))
    try:
        tls = (client_context(settings.tls), settings.host) if settings.tls else None
    except OSError as error:
        raise DeliveryFailed("tls_file_unusable") from error
    try:
        association = ae.associate(
            settings.host,
            settings.port,
            ae_title=settings.ae_title,
            max_pdu=0,
            tls_args=tls,
            evt_handlers=[
                (evt.EVT_CONN_OPEN, set_tcp_nodelay),
                (evt.EVT_CONN_OPEN, limit_target, [settings.timeout_s]),
                *handlers,
            ],
        )
    except OSError as error:  # an unknown host
        raise DeliveryFailed(f"unreachable_{type(error).__name__}") from error
    if not association.is_established:
        raise DeliveryFailed("association_rejected" if association.is_rejected else "no_association")
    return association
