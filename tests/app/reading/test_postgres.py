"""The study keeps its rules on Postgres as on SQLite; a server of its own is started for the test."""

import threading

import pytest
from django.db import DatabaseError, connections, transaction

from app.reading.intake.pairs import read_pairs
from app.reading.protocol.protocol import protocol_from
from app.reading.record.verify import verify_study
from app.reading.study.answers import CaseNotOpen, submit
from app.reading.study.configuration import DATABASE_VARIABLE
from app.reading.study.creation import create_study
from app.reading.study.models import Answer, Event, Reader
from operators.errors import Refusal
from tests.app.reading.conftest import GOOD, PROTOCOL, START, write_pairs
from tests.app.reading.postgres import programs, running_postgres

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def postgres():
    """Address of a database."""
    if programs() is None:
        pytest.skip("Postgres is not installed")
    with running_postgres() as address:
        yield address
        connections.close_all()


@pytest.fixture(scope="module")
def study(postgres, tmp_path_factory):
    """A study in it; `protocol` and list of pairs."""
    folder = tmp_path_factory.mktemp("study")
    protocol = protocol_from({**PROTOCOL, "readers": 10})
    pairs = read_pairs(write_pairs(folder), protocol)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATABASE_VARIABLE, postgres)
        create_study(folder / "study", protocol, pairs, START, report_progress=lambda line: None)
        yield folder, protocol, pairs


def test_ten_readers_at_once_lose_and_double_nothing(study):
    def read(code):
        reader = Reader.objects.get(code=code)
        for assignment in reader.assignments.filter(period__lt=2).order_by("position"):
            for _ in range(2):
                submit(reader, assignment.token, GOOD, 5, START)
        connections.close_all()

    threads = [threading.Thread(target=read, args=(f"R{n}",)) for n in range(1, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Answer.objects.count(), Event.objects.filter(action="answered").count()) == (40, 40)
    assert verify_study() == []
    reader = Reader.objects.get(code="R1")
    with pytest.raises(CaseNotOpen):  # washout
        submit(reader, reader.assignments.filter(period=2).order_by("position").first().token, GOOD, 5, START)
    with pytest.raises(DatabaseError), transaction.atomic():
        Answer.objects.update(wall_clarity=1)


def test_a_database_that_holds_a_study_takes_no_other(study):
    folder, protocol, pairs = study
    with pytest.raises(Refusal, match="its own database"):
        create_study(folder / "second", protocol, pairs, START, report_progress=lambda line: None)
    assert not (folder / "second").exists()
