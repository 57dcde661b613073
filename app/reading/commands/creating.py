"""The command create."""

import argparse

from app.reading.intake.dicomweb import DicomWebServer
from app.reading.intake.pairs import read_pairs
from app.reading.protocol.protocol import read_protocol
from app.reading.protocol.schedule import repeats_possible
from app.reading.study import clock
from app.reading.study.creation import create_study
from operators.errors import Reason, Refusal


def run_create(arguments: argparse.Namespace) -> int:
    """create."""
    protocol = read_protocol(arguments.protocol)
    dicomweb = _server(arguments)
    pairs = read_pairs(arguments.pairs, protocol, dicomweb=dicomweb is not None)
    create_study(arguments.study, protocol, pairs, clock.now(), dicomweb=dicomweb)
    analysed = sum(not pair.training for pair in pairs)
    possible, wanted = repeats_possible(protocol, analysed), round(protocol.repeat_share * analysed)
    print(f"Study created: {analysed} patients, {protocol.readers} readers, protocol {protocol.sha256}")
    if possible < wanted:
        print(
            f"Repeats: {possible} instead of {wanted} a period, since {analysed} cases are too few for "
            f"{protocol.repeat_gap} cases between a case and its repeat. To measure agreement within readers, take "
            "more patients or a smaller repeat_gap."
        )
    print(f"Next: python -m app.reading invite {arguments.study} L1")
    return 0


def _server(arguments: argparse.Namespace) -> DicomWebServer | None:
    if arguments.dicomweb is None:
        return None
    password = None
    if arguments.dicomweb_password_file is not None:
        try:
            password = arguments.dicomweb_password_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Refusal(Reason.SETTINGS, f"The password file cannot be read ({error.strerror}).") from error
    return DicomWebServer(arguments.dicomweb, arguments.dicomweb_user, password)
