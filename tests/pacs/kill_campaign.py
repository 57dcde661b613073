"""Kills the gateway with kill -9 at random times while series arrive and results are sent, and counts the results.

    python -m tests.pacs.kill_campaign --series 40 --kills 60

Needs Orthanc. A sender that repeats a series until it is accepted (as a modality does) sends to the gateway; a stub
replaces the app. There are two targets: Orthanc, and an unreliable one that refuses or aborts at every third
object. Prints the figures as one line of JSON.
"""

import argparse
import json
import logging
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pydicom
from pynetdicom import evt

from app.gateway.queue.spool import State
from app.gateway.send.paused_reactor import paused_reactor
from tests.app.gateway.running import RunningGateway, Sink, associate, eventually
from tests.dicom_series import body_hu, write_series
from tests.pacs.peers import Orthanc

SLICES = 4


def run_campaign(folder: Path, *, series: int, kills: int, seed: int, interval_s: float) -> dict[str, Any]:
    """Run it.

    Args:
        folder: scratch.
        series: number of series that are sent.
        kills: number of times that the gateway is killed.
        seed: of the moments.
        interval_s: longest time from a start to the next kill.

    Returns:
        Figures: series whose result did not arrive, results that are there twice or not whole, states at the kills.
    """
    moments = random.Random(seed)
    runs_file = folder / "runs"
    options = ["--runs", str(runs_file), "--seconds", "0.3"]
    gateway = RunningGateway(
        folder,
        [],
        worker={"options": options, "attempts": kills + 3},
        retry={"attempts": 1000, "first_s": 0.1, "max_s": 0.3},
    )
    pacs = Orthanc(folder / "pacs", gateway.port, routing="").start()
    flaky = FlakySink(moments).start()
    gateway.change(targets=[pacs.target, flaky.target])
    sources = [
        sorted(
            write_series(
                folder / f"source-{number}",
                hu=body_hu(SLICES),
                study=f"1.2.8.{number}",
                series=f"1.2.8.{number}.1",
            ).iterdir()
        )
        for number in range(series)
    ]
    sender = threading.Thread(target=_send_all, args=(sources, gateway.port), daemon=True)
    states: Counter[str] = Counter()
    start_s = time.monotonic()
    try:
        gateway.start()
        sender.start()
        for _ in range(kills):
            time.sleep(moments.uniform(0.0, interval_s))
            states.update(gateway.counts().keys() or ["idle"])
            gateway.kill()
            gateway.start()
        sender.join(300)
        waiting = {state.value for state in State} - {"done"}
        eventually(lambda: not waiting & set(gateway.counts()) and gateway.counts(), 300)
        found = [_results(pacs), flaky.results()]
        dead_letters = len(gateway.jobs(State.DEAD_LETTER))
    finally:
        gateway.end()
        pacs.stop()
        flaky.stop()
    sizes = [sizes for results in found for sizes in results.values()]
    return {
        "series": series,
        "objects_sent": series * SLICES,
        "kills": kills,
        "lost": sum(number not in results for results in found for number in range(series)),
        "double": sum(len(each) > 1 for each in sizes),
        "partial": sum(each != [SLICES] for each in sizes if len(each) == 1),
        "refused_or_broken_off": flaky.failures,
        "dead_letters": dead_letters,
        "runs_of_the_app": gateway.runs,
        "seconds": round(time.monotonic() - start_s, 1),
        "states_at_the_kills": dict(states),
    }


class FlakySink(Sink):
    """Refuses or breaks off every third object.

    Args:
        moments: which ones, and how.
    """

    def __init__(self, moments: random.Random) -> None:
        super().__init__()
        self.failures = 0
        self._moments = random.Random(moments.random())

    def results(self) -> dict[int, list[int]]:
        """For each source, the sizes of the series that came of it."""
        found: dict[int, Counter[str]] = {}
        for ds in self.datasets.values():
            number = int(ds.StudyInstanceUID.rsplit(".", 1)[1])
            found.setdefault(number, Counter())[str(ds.SeriesInstanceUID)] += 1
        return {number: list(series.values()) for number, series in found.items()}

    def _take(self, event: evt.Event) -> int:
        if self._moments.random() > 1 / 3:
            return super()._take(event)
        self.failures += 1
        if self._moments.random() < 0.5:
            event.assoc.abort()
        return 0xA700


def _send_all(sources: list[list[Path]], port: int) -> None:
    for files in sources:
        while not _send_once(files, port):
            time.sleep(0.3)


def _send_once(files: list[Path], port: int) -> bool:
    """Send a series; whether every object was answered with success and the association ended in good order."""
    association = associate(port)
    if not association.is_established:
        return False
    try:
        with paused_reactor(association):
            taken = all(association.send_c_store(pydicom.dcmread(file)).get("Status") == 0 for file in files)
        association.release()
        return taken
    except (RuntimeError, ValueError):  # the association is gone
        return False


def _results(pacs: Orthanc) -> dict[int, list[int]]:
    """For each source, the sizes of the series that came of it."""
    found: dict[int, list[int]] = {}
    for study in pacs.get("/studies?expand"):
        number = int(study["MainDicomTags"]["StudyInstanceUID"].rsplit(".", 1)[1])
        found[number] = [len(pacs.get(f"/series/{series}")["Instances"]) for series in study["Series"]]
    return found


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=20)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--interval-s", type=float, default=8.0, help="longest time from a start to the next kill")
    chosen = parser.parse_args()
    logging.disable()  # pynetdicom reports every association that the kills cut off
    with tempfile.TemporaryDirectory() as scratch:
        figures = run_campaign(
            Path(scratch),
            series=chosen.series,
            kills=chosen.kills,
            seed=chosen.seed,
            interval_s=chosen.interval_s,
        )
    print(json.dumps(figures))
    return int(figures["lost"] + figures["double"] + figures["partial"] > 0)


if __name__ == "__main__":
    sys.exit(main())
