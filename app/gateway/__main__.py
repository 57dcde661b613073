"""Command line of the gateway: `python -m app.gateway --settings gateway.yaml`."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import NoReturn

from app.failures import exit_code_of
from app.gateway.settings import GatewaySettings, read_gateway_settings
from app.logs import add_log_level, set_up_logging
from app.program_name import program_name
from operators.errors import ExitCode

_SETTINGS_VARIABLE = "SYN_CTA_GATEWAY_SETTINGS"

_DESCRIPTION = """\
A DICOM node between PACS and app. It receives non-contrast CT series by C-STORE, runs the app on each and sends the
Syn-CTA series to every target by C-STORE or STOW-RS.
Research software: the result is synthetic, no contrast was given, and it is not for diagnosis.

A C-STORE is answered with success once the object is on the disk. A series is complete when no object of it came for
queue.quiet_s. A job is a folder under queue.folder, inside the folder of its state:
  incoming -> queued -> processing -> sending -> done
                           refused: the app must not convert it; job.json says why
                           dead-letter: the app or a target failed too often
It can be killed at any time: the next start continues. SIGTERM or Ctrl-C lets the current job end, or puts it back."""

_EPILOG = """\
examples
  python -m app.gateway --settings deploy/pacs/gateway.yaml --check      are the settings valid?
  python -m app.gateway --settings deploy/pacs/gateway.yaml --check --connect            and do the targets answer?
  python -m app.gateway --settings deploy/pacs/gateway.yaml              run
  python -m app.gateway --settings deploy/pacs/gateway.yaml --list       the jobs, one line of JSON each
  python -m app.gateway --settings deploy/pacs/gateway.yaml --list --series-uid UID      the jobs of one series
  python -m app.gateway --settings deploy/pacs/gateway.yaml --retry JOB  try again a job of refused, dead-letter or done
  python -m app.gateway --settings deploy/pacs/gateway.yaml --cancel JOB stop a job and move it to dead-letter
  http://localhost:8080/ in a browser            jobs, errors, progress; /ready and /metrics are for monitoring

exit codes: 0 stopped on request, 2 wrong command line, 66 --retry or --cancel found no such job,
69 --check --connect found a fault, 70 internal error, 73 the queue folder cannot be written,
78 settings not valid, or port or folder used by another program"""


def main(argv: list[str] | None = None) -> int:
    """Run the gateway, or one of its small commands.

    Args:
        argv: arguments without the program's name; None for the command line.

    Returns:
        Exit code.
    """
    parser = _argument_parser()
    arguments = parser.parse_args(argv)
    if arguments.settings is None:
        parser.error("give gateway.yaml with --settings; deploy/pacs/gateway.yaml is one to start from")
    if (arguments.study_uid or arguments.series_uid) and not arguments.list:
        parser.error("--study-uid and --series-uid need --list; give --list too")
    if arguments.connect and not arguments.check:
        parser.error("--connect needs --check; give both")
    set_up_logging(arguments.log_level)
    return exit_code_of(lambda: _run(arguments, read_gateway_settings(arguments.settings)))


def run_and_exit() -> NoReturn:
    """Run `main` and end the process when it returns, even if threads of pynetdicom still wait for a peer."""
    exit_code = main()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(exit_code)


def _run(arguments: argparse.Namespace, settings: GatewaySettings) -> int:
    if arguments.check:
        print("The settings are valid.", flush=True)
        return _connect(settings) if arguments.connect else int(ExitCode.OK)
    from app.gateway.queue.spool import Spool  # after --check, which needs no library beyond the schema's

    spool = Spool(settings.queue.folder)
    if arguments.list:
        from app.gateway.queue.jobs import describe_jobs

        for line in describe_jobs(spool, study_uid=arguments.study_uid, series_uid=arguments.series_uid):
            print(json.dumps(line))
        return int(ExitCode.OK)
    if arguments.retry:
        from app.gateway.queue.jobs import retry_jobs

        number = retry_jobs(spool, arguments.retry)
        print(
            f"{number} job(s) will be tried again."
            if number
            else "There is no such job in refused, dead-letter or done, or a later job replaces it."
        )
        return int(ExitCode.OK if number else ExitCode.NO_INPUT)
    if arguments.cancel:
        from app.gateway.queue.cancel import cancel_job

        found = cancel_job(spool, arguments.cancel)
        print(
            "The job is stopped and moves to dead-letter." if found else "No such job is queued, processing or sending."
        )
        return int(ExitCode.OK if found else ExitCode.NO_INPUT)
    from app.gateway.service import run_gateway

    run_gateway(settings)
    return int(ExitCode.OK)


def _connect(settings: GatewaySettings) -> int:
    from app.gateway.monitor.connect import check_connections
    from app.gateway.queue.spool import Spool
    from app.gateway.service import open_targets

    works = True
    for ok, line in check_connections(settings, open_targets(settings, Spool(settings.queue.folder))):
        print(f"{'ok    ' if ok else 'FAILED'}  {line}", flush=True)
        works &= ok
    return int(ExitCode.OK) if works else os.EX_UNAVAILABLE


def _argument_parser() -> argparse.ArgumentParser:
    program = program_name("app.gateway", "syn-cta-gateway")
    parser = argparse.ArgumentParser(
        prog=program,
        description=_DESCRIPTION,
        epilog=_EPILOG.replace("python -m app.gateway ", f"{program} "),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    given = os.environ.get(_SETTINGS_VARIABLE)
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        default=Path(given) if given else None,
        help=f"gateway.yaml (default: the file that {_SETTINGS_VARIABLE} names)",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="check the settings, then exit")
    parser.add_argument(
        "--connect",
        action="store_true",
        help="with --check: also test the queue folder and every target (C-ECHO, HTTP); no patient data is sent",
    )
    what.add_argument("--list", action="store_true", help="list the jobs, then exit; the gateway may be running")
    what.add_argument(
        "--retry",
        metavar="JOB",
        help="try a job again, or with `all` every job of dead-letter; the gateway may be running",
    )
    what.add_argument(
        "--cancel", metavar="JOB", help="stop a job and move it to dead-letter; the gateway may be running"
    )
    parser.add_argument("--study-uid", metavar="UID", help="with --list: only the jobs of this Study Instance UID")
    parser.add_argument("--series-uid", metavar="UID", help="with --list: only the jobs of this Series Instance UID")
    add_log_level(parser)
    return parser


if __name__ == "__main__":
    run_and_exit()
