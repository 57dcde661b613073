"""A small study with pairs of images, in the database that the tests are told to use."""

import csv
import shutil
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import SimpleITK as sitk
from django.conf import settings
from django.contrib.auth.hashers import reset_hashers
from django.core.management import call_command
from django.db import connections

from app.reading.intake.pairs import read_pairs
from app.reading.protocol.protocol import protocol_from
from app.reading.study import clock, creation
from app.reading.study.configuration import DATABASE_FILE, open_study
from app.reading.study.creation import create_study
from app.reading.study.login import invite

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DISEASES = ("healthy", "aneurysm", "dissection", "atherosclerosis")
SECRET_PATIENT = "Mustermann-4711"


class MovableClock:
    """The study's clock in a test."""

    def __init__(self):
        self.at = START

    def forward(self, **duration):
        self.at += timedelta(**duration)


@pytest.fixture
def moving_clock(monkeypatch):
    """A clock that stands until it is moved."""
    made = MovableClock()
    monkeypatch.setattr(clock, "now", lambda: made.at)
    return made


def write_pairs(folder, patients=3, training=1, panel=()):
    """pairs.csv with NIfTI pairs that differ in content alone; analysed patients first, with diagnoses of a panel."""
    rows = []
    for number in range(patients + training):
        name = f"{SECRET_PATIENT}-{number}"
        for arm, hu in (("cta", 300 + number), ("syn", 250 + number)):
            volume = np.full((10, 24, 24), 40, dtype=np.float32)
            volume[:, 8:16, 8:16] = hu
            image = sitk.GetImageFromArray(volume)
            image.SetSpacing((2.0, 2.0, 3.0))
            sitk.WriteImage(image, str(folder / f"{name}-{arm}.nii.gz"))
        truth = panel[number] if number < len(panel) else ""
        files = f"{name}-cta.nii.gz", f"{name}-syn.nii.gz"
        rows.append([name, *files, "chest", DISEASES[number % 4], truth, number >= patients])
    with (folder / "pairs.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["patient", "cta", "syn_cta", "region", "disease", "truth", "training"])
        writer.writerows(rows)
    return folder / "pairs.csv"


PROTOCOL = {"training_cases": 1, "repeat_share": 0, "seed": 7}


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory):
    """An empty database with all tables; migrating anew for each test would take most of the time."""
    folder = tmp_path_factory.mktemp("migrated")
    open_study(folder)
    call_command("migrate", verbosity=0)
    connections.close_all()
    return folder / DATABASE_FILE


@pytest.fixture
def quick_passwords(monkeypatch):
    """Passwords of a weak hash, for this test alone: Django keeps the hash that it used first."""
    monkeypatch.setattr(settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])
    reset_hashers(setting="PASSWORD_HASHERS")
    yield
    reset_hashers(setting="PASSWORD_HASHERS")


@pytest.fixture
def make_study(tmp_path, moving_clock, migrated_database, quick_passwords, monkeypatch):
    """Function that creates a study of some patients and returns its folder."""
    monkeypatch.setattr(
        creation,
        "call_command",
        lambda *_, **__: shutil.copyfile(migrated_database, settings.READING_FOLDER.path / DATABASE_FILE),
    )

    def make(patients=3, training=1, name="study", panel=(), **changes):
        protocol = protocol_from({**PROTOCOL, **changes})
        pairs = read_pairs(write_pairs(tmp_path, patients, training, panel), protocol)
        create_study(tmp_path / name, protocol, pairs, moving_clock.at, report_progress=lambda line: None)
        return tmp_path / name

    return make


@pytest.fixture
def log_in(moving_clock):
    """Function that invites somebody and returns a browser that is logged in, past the display check."""
    from django.test import Client

    def enter(code, **options):
        link, password = invite(code, moving_clock.at)
        client = Client(headers={"host": "localhost"}, **options)
        client.post(f"/enter/{link}/", {"password": password}, secure=True)
        client.post("/display/", secure=True)
        return client

    return enter


GOOD = {
    "wall_clarity": "3",
    "lumen_edge_clarity": "3",
    "lumen_wall_contrast": "3",
    "diagnosis": "healthy",
    "confidence": "4",
}


@pytest.fixture
def read_all(moving_clock):
    """Function that answers all cases of a reader that are open now, by a function of arm and patient."""
    from app.reading.study.answers import protocol_of, submit
    from app.reading.study.models import Reader, Study
    from app.reading.study.progress import next_case_of

    def read(code, answer=lambda scan: GOOD, limit=1000):
        reader, protocol = Reader.objects.get(code=code), protocol_of(Study.objects.get())
        for _ in range(limit):
            next_case = next_case_of(reader, protocol)
            if not next_case.is_open(moving_clock.at):
                return
            submit(reader, next_case.assignment.token, answer(next_case.assignment.scan), 20, moving_clock.at)
            moving_clock.forward(minutes=1)

    return read


@pytest.fixture
def complete_study(make_study, read_all, moving_clock):
    """Function that makes a study and has both readers answer everything."""

    def make(answer=lambda code, scan: GOOD, **options):
        folder = make_study(**options)
        for _ in range(2):
            for code in ("R1", "R2"):
                read_all(code, lambda scan, code=code: answer(code, scan))
            moving_clock.forward(days=29)
        return folder

    return make
