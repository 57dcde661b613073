"""Commands that work on a study: invite, serve, status, lock, verify, export."""

import argparse
from pathlib import Path

from app.reading.record.export import export_study
from app.reading.record.verify import verify_study
from app.reading.study import clock
from app.reading.study.configuration import DATABASE_VARIABLE, open_study
from app.reading.study.events import StudyLocked
from app.reading.study.lock import StudyNotComplete, lock
from app.reading.study.login import invite
from app.reading.study.models import Reader, Study
from app.reading.study.pages.lead import progress_rows
from app.reading.study.serving import make_server
from operators.errors import ExitCode, Reason, Refusal


def open_existing(path: Path, hosts: tuple[str, ...] = ("127.0.0.1", "localhost")) -> Study:
    """Open a study that was created.

    Raises:
        Refusal: NO_INPUT, when there is none in the folder and its database.
    """
    from django.db import DatabaseError

    open_study(path, hosts)
    try:
        study = Study.objects.first()
    except DatabaseError as error:
        text = (
            f"The database of the study does not answer ({type(error).__name__}). Set {DATABASE_VARIABLE} as it was "
            "for the command create."
        )
        raise Refusal(Reason.NO_INPUT, text) from error
    if study is None:
        raise Refusal(
            Reason.NO_INPUT, f"The database holds no study. Set {DATABASE_VARIABLE} as it was for the command create."
        )
    return study


def run_invite(arguments: argparse.Namespace) -> int:
    """invite."""
    open_existing(arguments.study)
    try:
        link, password = invite(arguments.person, clock.now())
    except Reader.DoesNotExist:
        known = ", ".join(Reader.objects.order_by("code").values_list("code", flat=True))
        raise Refusal(Reason.SETTINGS, f"The study has no such person. Give one of {known}.") from None
    print(f"Link      {arguments.url.rstrip('/')}/enter/{link}/\nPassword  {password}")
    print("Send link and password separately. The password is not stored; if it is lost, invite the person again.")
    return 0


def run_serve(arguments: argparse.Namespace) -> int:
    """serve."""
    open_existing(arguments.study, ("127.0.0.1", "localhost", *arguments.host))
    try:
        server = make_server(arguments.listen, trusted_proxy=arguments.trusted_proxy)
    except (OSError, ValueError) as error:
        raise Refusal(
            Reason.SETTINGS,
            f"The server cannot listen on {arguments.listen}. Check whether another program uses the port.",
        ) from error
    print(f"The study is served on {arguments.listen}. Press Ctrl-C to stop.", flush=True)
    server.run()
    return 0


def run_status(arguments: argparse.Namespace) -> int:
    """status."""
    study = open_existing(arguments.study)
    print(f"Protocol {study.protocol_sha256}, created {study.created_at:%Y-%m-%d %H:%M} UTC")
    for row in progress_rows(study):
        last = f"last answer {row['last']:%Y-%m-%d %H:%M}" if row["last"] else "no answer yet"
        opens = f", next part opens {row['opens_at']:%Y-%m-%d %H:%M} UTC" if row["opens_at"] else ""
        invited = "" if row["invited_at"] else ", not invited"
        print(f"{row['code']:4} {row['done']:4} of {row['total']} cases, {last}{opens}{invited}")
    print(f"Locked {study.locked_at:%Y-%m-%d %H:%M} UTC" if study.locked_at else "Not locked")
    return 0


def run_lock(arguments: argparse.Namespace) -> int:
    """lock."""
    open_existing(arguments.study)
    try:
        link = lock("system", clock.now())
    except StudyNotComplete as error:
        raise Refusal(Reason.SETTINGS, str(error)) from error
    except StudyLocked as error:
        raise Refusal(Reason.SETTINGS, "The study is locked already.") from error
    print(f"Locked. Write down this hash outside of this machine, for verify --head:\n{link.hash}")
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """verify."""
    open_existing(arguments.study)
    problems = verify_study(arguments.head)
    for problem in problems:
        print(f"CHANGED: {problem}")
    if not problems:
        print("The audit chain is complete; answers, decisions, schedule, patients and volumes are as recorded.")
    return int(ExitCode.DATA) if problems else 0


def run_export(arguments: argparse.Namespace) -> int:
    """export."""
    open_existing(arguments.study)
    export_study(arguments.output)
    print(f"Exported to {arguments.output}")
    return 0
