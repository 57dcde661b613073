"""The command report."""

import argparse
import tempfile
from pathlib import Path

from app.reading.report.write import write_report
from operators.errors import Reason, Refusal


def run_report(arguments: argparse.Namespace) -> int:
    """report."""
    if (arguments.study is None) == (arguments.export is None):
        raise Refusal(Reason.SETTINGS, "Give a study or --export, not both.")
    if arguments.export is not None:
        if arguments.output is None:
            raise Refusal(Reason.SETTINGS, "Give the folder of the report with --output.")
        write_report(arguments.export, arguments.output)
        print(f"Report: {arguments.output / 'report.html'}")
        return 0
    from app.reading.commands.running import open_existing
    from app.reading.record.export import export_study
    from app.reading.study.pages.lead import REPORT

    open_existing(arguments.study)
    output = arguments.output or arguments.study / REPORT
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export"
        export_study(export)
        write_report(export, output)
    print(f"Report: {output / 'report.html'}")
    return 0
