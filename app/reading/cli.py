"""Command line of the reading study."""

import argparse
import logging
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from app.failures import exit_code_of
from app.logs import add_log_level, set_up_logging
from operators.errors import Reason, Refusal

_OF_THE_EXTRA = ("django", "waitress", "whitenoise", "statsmodels", "pandas", "dicomweb_client")

_DESCRIPTION = """\
A reading study as the paper did it: blinded readers score real CTA and Syn-CTA in the browser and name a diagnosis;
the report compares both. The study lives in one folder; nothing leaves the machine."""

_EPILOG = """\
steps of a study
  python -m app.reading protocol > protocol.yaml            the defaults with comments, to be edited
  python -m app.reading plan protocol.yaml                  how many patients: power and precision by simulation
  python -m app.reading create STUDY --protocol protocol.yaml --pairs pairs.csv
  python -m app.reading invite STUDY L1                     a link and a password: L1 lead, R1, R2, ... readers
  python -m app.reading serve STUDY                         until Ctrl-C; every answer is stored at once
  python -m app.reading status STUDY                        progress and dates, no answers
  python -m app.reading invite STUDY C1                     consensus, when all readers are done
  python -m app.reading lock STUDY                          end the study; prints a hash to write down
  python -m app.reading verify STUDY                        check that no stored row was edited
  python -m app.reading export STUDY --output EXPORT        tidy tables with a codebook
  python -m app.reading report STUDY                        figures and tables; with --export EXPORT from an export
  python -m app.reading demo DIR                            all of it on phantoms with simulated readers

pairs.csv has the columns patient, cta, syn_cta, region (neck, chest, abdomen), disease (healthy, aneurysm, dissection,
atherosclerosis) and, where wanted, truth and training (yes, no). cta and syn_cta are DICOM folders or NIfTI
files, or Series Instance UIDs with create --dicomweb https://pacs.example.org/dicom-web.

The database is SQLite in the study's folder, or Postgres: SYN_CTA_READING_DATABASE=postgresql://user:password@host/name
docs/reading.md is the guide for study lead, reader and statistician."""


def main(argv: list[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: arguments without the program's name; None for the command line.

    Returns:
        Exit code, as the app's.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    set_up_logging(arguments.log_level)
    logging.captureWarnings(True)  # warnings of pydicom quote values of the header
    return exit_code_of(lambda: _run(arguments))


def _run(arguments: argparse.Namespace) -> int:
    try:
        return arguments.run(arguments)
    except KeyboardInterrupt:
        return 0
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in _OF_THE_EXTRA:
            raise
        message = "The reading study needs packages that are not installed: pip install -e '.[reading]'"
        raise Refusal(Reason.SETTINGS, message) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m app.reading",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_log_level(parser, default="WARNING")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, module: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=_deferred(module, f"run_{name}"))
        return made

    command("protocol", "planning", "Print the default protocol with comments.")
    command("plan", "planning", "Simulate power and precision for the protocol's numbers of patients.").add_argument(
        "protocol", type=Path
    )
    create = command("create", "creating", "Import pairs, blind them, draw the schedule, freeze the protocol.")
    create.add_argument("study", type=Path, help="new folder")
    create.add_argument("--protocol", type=Path, required=True)
    create.add_argument("--pairs", type=Path, required=True, help="pairs.csv")
    create.add_argument("--dicomweb", metavar="URL", help="DICOMweb server of the series that pairs.csv names by UID")
    create.add_argument("--dicomweb-user", metavar="NAME")
    create.add_argument("--dicomweb-password-file", type=Path, metavar="FILE")
    invite = command("invite", "running", "Make a link and a password for a person; earlier ones become invalid.")
    invite.add_argument("study", type=Path)
    invite.add_argument("person", help="L1 (lead), C1 (consensus), R1, R2, ... (readers)")
    invite.add_argument("--url", default="http://127.0.0.1:8040", help="address of the server (default: %(default)s)")
    serve = command("serve", "running", "Serve the study to browsers.")
    serve.add_argument("study", type=Path)
    serve.add_argument("--listen", default="127.0.0.1:8040", help="host:port (default: %(default)s)")
    serve.add_argument(
        "--host", action="append", default=[], help="host name that browsers use; may be given several times"
    )
    serve.add_argument("--trusted-proxy", help="address of the TLS proxy; without one only this machine can connect")
    for name, text in (
        ("status", "Progress and dates of the readers; no answers."),
        ("lock", "End the study after consensus: nothing can be changed any more."),
    ):
        command(name, "running", text).add_argument("study", type=Path)
    verify = command("verify", "running", "Check the audit chain and every row against it.")
    verify.add_argument("study", type=Path)
    verify.add_argument("--head", help="hash that the command lock printed")
    export = command("export", "running", "Write the tables of a locked study.")
    export.add_argument("study", type=Path)
    export.add_argument("--output", type=Path, required=True, help="new folder")
    report = command("report", "reporting", "Make report.html with tables and figures, from the export alone.")
    report.add_argument(
        "study", type=Path, nargs="?", help="folder of a locked study; the lead then sees the report in the browser"
    )
    report.add_argument("--export", type=Path, help="folder that the command export wrote, instead of a study")
    report.add_argument("--output", type=Path, help="new folder (default with a study: STUDY/report)")
    demo = command("demo", "demonstration", "A phantom study of 12 patients with simulated readers, and its report.")
    demo.add_argument("folder", type=Path, help="new folder")
    demo.add_argument(
        "--pairs", type=Path, help="your own pairs.csv instead of phantoms; it needs at least one patient for training"
    )
    return parser


def _deferred(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    """The function of a command, imported when it runs: the help needs neither Django nor statistics."""
    return lambda arguments: getattr(import_module(f"app.reading.commands.{module}"), function)(arguments)
