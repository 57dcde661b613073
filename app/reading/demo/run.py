"""Run the whole demonstration."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from app.reading.demo.phantoms import write_phantom_pairs
from app.reading.demo.readers import answer_all_cases, decide_all_items
from app.reading.intake.pairs import read_pairs
from app.reading.protocol.protocol import Protocol, protocol_from
from app.reading.record.export import export_study
from app.reading.record.verify import verify_study
from app.reading.report.write import write_report
from app.reading.study import clock
from app.reading.study.creation import create_study
from app.reading.study.lock import lock
from operators.errors import Reason, Refusal

BANNER = "DEMONSTRATION: phantom patients and simulated readers. These figures say nothing about any model."


def demo_protocol() -> Protocol:
    """Two readers, six training cases, repeats that fit into twelve cases."""
    return protocol_from(
        {
            "title": "Demonstration of the reading study: 12 phantom patients, simulated readers",
            "repeat_share": 0.25,
            "repeat_gap": 8,
        }
    )


def run_demonstration(
    folder: Path, *, pairs: Path | None = None, report_progress: Callable[[str], None] = print
) -> None:
    """Make a finished study with its report, and a second one that waits for readers.

    Args:
        folder: new folder; takes `finished`, `export`, `report` and `open`.
        pairs: list of pairs to take instead of phantoms.
        report_progress: takes lines of progress.

    Raises:
        Refusal: OUTPUT_EXISTS, and what its steps refuse.
    """
    if folder.exists():
        raise Refusal(Reason.OUTPUT_EXISTS, "The folder of the demo exists already. Remove it or give a new one.")
    protocol = demo_protocol()
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as made:
        listed = read_pairs(pairs or write_phantom_pairs(Path(made), report_progress), protocol)
        create_study(folder / "open", protocol, listed, clock.now(), report_progress=lambda line: None)
        create_study(folder / "finished", protocol, listed, clock.now(), report_progress=lambda line: None)
    report_progress("Simulated readers answer all cases, period by period")
    at = answer_all_cases(clock.now())
    disputed = decide_all_items(at)
    report_progress(f"Consensus on {disputed} scan(s)")
    link = lock("L1", at)
    problems = verify_study(link.hash)
    report_progress("Audit: " + (problems[0] if problems else "the chain is complete"))
    export_study(folder / "export")
    write_report(folder / "export", folder / "report", banner=BANNER)
    report_progress(
        f"\nReport                {folder / 'report' / 'report.html'}\n"
        f"To read the cases     python -m app.reading invite {folder / 'open'} R1\n"
        f"                      python -m app.reading serve {folder / 'open'}"
    )
