"""kill -9 of the server at every step, with one reader and with ten: no answer is lost, none is doubled.

On SQLite, and on Postgres where it is installed.
"""

import random
import threading
import time
from itertools import pairwise

import pytest
from django.db import connections

from app.reading.intake.pairs import read_pairs
from app.reading.protocol.protocol import protocol_from
from app.reading.record.verify import verify_study
from app.reading.study.configuration import DATABASE_VARIABLE
from app.reading.study.consensus import cases
from app.reading.study.creation import create_study
from app.reading.study.login import invite
from app.reading.study.models import Answer, Consensus, Event, Study
from app.viewer.built import BUILT
from tests.app.reading.conftest import GOOD, PROTOCOL, START, write_pairs
from tests.app.reading.postgres import new_database, programs, running_postgres
from tests.app.reading.running_study import HttpReader, StudyServer
from tests.app.reading.serving_parent import STEPS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (BUILT / "panes.js").is_file(), reason="the viewer's page is not built: make viewer"),
]
READING_STEPS = [step for step, (module, *_) in STEPS.items() if module.__name__.endswith(("case", "answers"))]
CASES = 1 + 2 * 4


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def make_database(request):
    """Function that names a new database in the environment, or none."""
    if request.param == "sqlite":
        yield lambda name: None
        return
    if programs() is None:
        pytest.skip("Postgres is not installed")
    with running_postgres() as address:
        yield lambda name: new_database(address, name)
        connections.close_all()


@pytest.fixture
def served(make_database, tmp_path, monkeypatch):
    """Function that creates a study of four patients and returns its server, not started yet."""
    servers = []

    def make(**changes):
        address = make_database(tmp_path.name)
        monkeypatch.delenv(DATABASE_VARIABLE, raising=False)
        if address:
            monkeypatch.setenv(DATABASE_VARIABLE, address)
        protocol = protocol_from({**PROTOCOL, "washout_days": 0, **changes})
        pairs = read_pairs(write_pairs(tmp_path, patients=4), protocol)
        create_study(tmp_path / "study", protocol, pairs, START, report_progress=lambda line: None)
        servers.append(StudyServer(tmp_path / "study"))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()
    connections.close_all()


def choices(rng):
    """Answers that are told apart, so that one that was changed is seen."""
    scores = {name: str(rng.randint(1, 3)) for name in ("wall_clarity", "lumen_edge_clarity", "lumen_wall_contrast")}
    return {**scores, "diagnosis": rng.choice(["healthy", "aneurysm"]), "confidence": str(rng.randint(1, 5))}


def stored():
    """Token to values, of every stored answer."""
    return {
        answer.assignment.token: {name: str(getattr(answer, name)) for name in GOOD}
        for answer in Answer.objects.select_related("assignment")
    }


def assert_each_answer_has_one_event():
    assert Event.objects.filter(action="answered").count() == Answer.objects.count()
    assert verify_study() == []


def test_a_server_that_dies_at_every_step_of_a_case_loses_and_doubles_nothing(served):
    """Each server dies at the step after the one at which the last died; the reader only asks again."""
    server = served().start(die_at=READING_STEPS[0])
    reader = HttpReader(server, *invite("R1", START))
    answers_at_death, troubles = {}, []

    def revive():
        try:
            for step, following in pairwise([*READING_STEPS, None]):
                server.wait_for_death()
                answers_at_death[step] = Answer.objects.count()
                server.start(die_at=following)
        except BaseException as error:
            troubles.append(error)
        finally:
            connections.close_all()

    reviving = threading.Thread(target=revive)
    reviving.start()
    values = choices(random.Random(5))
    case = reader.case()
    half = dict(list(values.items())[:2])
    assert reader.post(case["draft_url"], half).status_code == 200
    again = reader.case()
    assert (again["answer_url"], again["draft"]) == (case["answer_url"], half)
    assert reader.post(case["answer_url"], values).status_code == 200
    reviving.join()
    assert troubles == []
    assert answers_at_death == {**dict.fromkeys(READING_STEPS, 0), READING_STEPS[-1]: 1}
    assert stored() == {case["answer_url"].split("/")[2]: values}
    assert reader.case()["answer_url"] != case["answer_url"]
    assert_each_answer_has_one_event()


def test_ten_readers_at_once_lose_and_double_nothing_over_three_kills(served):
    server = served(readers=10).start()
    invited = {f"R{n}": invite(f"R{n}", START) for n in range(1, 11)}
    told, troubles = {}, []

    def read(code):
        try:
            rng = random.Random(code)
            reader = HttpReader(server, *invited[code])
            while (case := reader.case()) is not None:
                values = choices(rng)
                reader.post(case["draft_url"], values)
                answer = reader.post(case["answer_url"], values)
                assert answer.status_code == 200, answer.text
                told[case["answer_url"].split("/")[2]] = values
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=read, args=(code,)) for code in invited]
    for thread in threads:
        thread.start()
    for kill_at in (10, 40, 70):
        while len(told) < kill_at and any(thread.is_alive() for thread in threads):
            time.sleep(0.005)
        server.kill()
        server.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert stored() == told and len(told) == 10 * CASES
    assert_each_answer_has_one_event()


def test_a_server_that_dies_in_consensus_and_lock_leaves_whole_decisions(served):
    steps = [step for step in STEPS if step not in READING_STEPS]
    server = served(readers=2).start(die_at=steps[0])
    for number, code in enumerate(("R1", "R2")):
        reader = HttpReader(server, *invite(code, START))
        while (case := reader.case()) is not None:
            reader.post(case["answer_url"], {**GOOD, "wall_clarity": str(number + 1), "diagnosis": "dissection"})
    together, lead = HttpReader(server, *invite("C1", START)), HttpReader(server, *invite("L1", START))
    agreed = {"wall_clarity": "2"}
    first, second, *others = [f"/consensus/{case.token}/answer/" for case in cases()]

    def dies(person, path, values, following):
        with pytest.raises(OSError):
            person.post_once(path, values)
        server.wait_for_death()
        server.start(die_at=following)

    dies(together, first, agreed, steps[1])
    assert Consensus.objects.count() == 0
    dies(together, first, agreed, steps[2])
    assert Consensus.objects.count() == 1
    for path in (first, second, *others):  # the first was taken: a page that asks again is told yes
        assert together.post(path, agreed).status_code == 200
    dies(lead, "/lead/lock/", {}, steps[3])
    assert Study.objects.get().locked_at is None
    dies(lead, "/lead/lock/", {}, None)
    assert Study.objects.get().locked_at is not None
    assert Event.objects.filter(action="locked").count() == 1
    assert Event.objects.filter(action="agreed").count() == Consensus.objects.count() == 2 * 4
    assert verify_study() == []
