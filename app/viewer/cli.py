"""Command line of the viewer."""

import argparse
import contextlib
import webbrowser
from pathlib import Path

from app.failures import exit_code_of
from app.logs import add_log_level, set_up_logging
from app.program_name import program_name
from app.viewer.built import built_page
from app.viewer.results import find_results
from app.viewer.server import ViewerServer
from operators.errors import ExitCode

_DESCRIPTION = """\
Look at results in the browser: NCCT, Syn-CTA and their difference side by side, linked in slice, zoom, pan and
cross-hair, in axial, coronal and sagittal cuts; the uncertainty where there is one. Press ? on the page for its keys.

The page is served on 127.0.0.1 to this user only; no data leave the machine. Press Ctrl-C to stop it."""

_EPILOG = """\
examples
  python -m app.viewer result/ --source study/      one result with the DICOM folder that was converted
  python -m app.viewer results/ --source studies/   results of --all, with a list to choose from
  python -m app.viewer result/ --no-browser --port 8890   print the address only; from another machine by
                                                    ssh -L 8890:127.0.0.1:8890 HOST"""


def main(argv: list[str] | None = None) -> int:
    """Run the viewer.

    Args:
        argv: arguments without the program's name; None for the command line.

    Returns:
        Exit code, as the app's.
    """
    program = program_name("app.viewer", "syn-cta-view")
    parser = argparse.ArgumentParser(
        prog=program,
        description=_DESCRIPTION,
        epilog=_EPILOG.replace("python -m app.viewer ", f"{program} "),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("result", type=Path, metavar="RESULT", help="output folder of a run, or a folder of several")
    parser.add_argument(
        "--source", type=Path, metavar="NCCT", help="DICOM folder that was converted; without it the NCCT is not shown"
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--no-browser", action="store_true", help="print the address, do not open a browser")
    add_log_level(parser, default="WARNING")
    arguments = parser.parse_args(argv)
    set_up_logging(arguments.log_level)
    return exit_code_of(lambda: _serve(arguments))


def _serve(arguments: argparse.Namespace) -> ExitCode:
    server = ViewerServer(
        find_results(arguments.result), source=arguments.source, page=built_page(), port=arguments.port
    )
    print(f"The viewer runs at {server.url}\nPress Ctrl-C to stop it.", flush=True)
    if not arguments.no_browser:
        webbrowser.open(server.url)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve()
    return ExitCode.OK
