"""Gives the loader mutated DICOM series for a time, and reports every series that is neither read nor refused.

    python benchmarks/fuzz_loader.py --minutes 30
    python benchmarks/fuzz_loader.py --case 123456         # one case again, with its traceback

The loader runs in its own process with 6 GiB of address space, so that a crash of a decoder, an endless loop and
excessive use of memory are found as well. Exit code 1 if something was found.
"""

import argparse
import collections
import faulthandler
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

ADDRESS_SPACE_BYTES = 6 * 2**30
LONGEST_CASE_S = 60
"""Of processor time: a machine that is busy with other things must not look like an endless loop."""


def main() -> int:
    """Run the parent, a worker or one case."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0, help="duration in minutes")
    parser.add_argument("--first", type=int, default=10_000_000, help="number of the first case")
    parser.add_argument("--case", type=int, help="run this case only")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case is not None:
        print(_run_case(arguments.case))
        return 0
    if arguments.worker is not None:
        return _work(arguments.worker, arguments.first)
    return _supervise(arguments.minutes, arguments.first)


def _supervise(minutes: float, case: int) -> int:
    """Keep a worker going; a worker that dies has found something."""
    end = time.monotonic() + 60 * minutes
    outcomes: collections.Counter[str] = collections.Counter()
    found: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        notes = Path(scratch) / "notes"
        while time.monotonic() < end:
            notes.touch()
            command = [sys.executable, "-W", "ignore", __file__, "--worker", str(notes), "--first", str(case)]
            worker = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
            try:
                _, errors = worker.communicate(timeout=max(1.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.kill()
                _, errors = worker.communicate()
            lines = [json.loads(line) for line in notes.read_text().splitlines() if line.endswith("}")]
            notes.unlink()
            outcomes.update(line["outcome"] for line in lines if line["outcome"] != "begun")
            found += [f"case {line['case']}: {line['error']}" for line in lines if "error" in line]
            last = max((line["case"] for line in lines), default=case)
            if time.monotonic() < end:
                found.append(f"case {last}: the process ended with {worker.returncode}\n{errors[-2000:]}")
            case = last + 1
    print(f"{sum(outcomes.values())} cases in {minutes:g} minutes, up to number {case - 1}")
    for name, count in outcomes.most_common():
        print(f"  {name:<20}{count:>8}")
    print(f"{len(found)} found" + "".join(f"\n{text}" for text in found))
    return int(bool(found))


def _work(notes: Path, case: int) -> int:
    """Run cases for ever; each is noted before it begins and when it ends."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable()
    faulthandler.register(signal.SIGXCPU, chain=True)
    with notes.open("a") as file:
        while True:
            file.write(json.dumps({"case": case, "outcome": "begun"}) + "\n")
            file.flush()
            resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + LONGEST_CASE_S, resource.RLIM_INFINITY))
            try:
                note = {"case": case, "outcome": _run_case(case)}
            except Exception:  # this is what is looked for
                note = {"case": case, "outcome": "error", "error": traceback.format_exc()[-2000:]}
            file.write(json.dumps(note) + "\n")
            file.flush()
            case += 1


def _run_case(case: int) -> str:
    """What the loader makes of a case: "read" or the reason of its refusal."""
    warnings.simplefilter("ignore")
    from tests.loader_outcome import outcome
    from tests.mutated_series import mutated_case

    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        return outcome(mutated_case(case), Path(folder))


if __name__ == "__main__":
    sys.exit(main())
