"""An exported study gives tables, figures and a page, the same bytes every time."""

import csv
import json
import os
import random
import shutil
import subprocess
import sys

import pytest

from app.reading.demo.readers import answer_all_cases, decide_all_items
from app.reading.record.export import export_study
from app.reading.report.study_data import read_export
from app.reading.report.table import Interval, PValue, rounded, shown
from app.reading.report.write import write_report
from app.reading.study.lock import lock
from operators.errors import Refusal
from tests.app.gateway.running import ROOT
from tests.app.reading.conftest import GOOD

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Where the one export lies that the tests of this file share."""
    return tmp_path_factory.mktemp("export") / "export"


@pytest.fixture
def export(kept, make_study, tmp_path, moving_clock):
    """A study of 12 patients that simulated readers read, exported; a copy for each test."""
    if not kept.exists():
        make_study(patients=12, training=1, repeat_share=0.25, repeat_gap=8)
        at = answer_all_cases(moving_clock.at)
        decide_all_items(at)
        lock("L1", at)
        export_study(kept)
    return shutil.copytree(kept, tmp_path / "export")


def test_the_same_export_gives_the_same_bytes(export, tmp_path):
    for name in ("one", "two"):
        write_report(export, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert {"report.html", "report.json", "quality.svg", "primary.csv"} <= set(files)
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    check_tables(json.loads((tmp_path / "one/report.json").read_text())["tables"])
    page = (tmp_path / "one/report.html").read_text()
    assert "Obuchowski-Rockette" in page and "Mustermann" not in page


def check_tables(tables):
    """What must hold in any study of two readers and 12 patients that is complete."""
    rows = {name: table["rows"] for name, table in tables.items()}
    assert [row[1:4] for row in rows["flow"]] == [[30, 30, 0]] * 2
    assert all(row[6] >= 28 for row in rows["flow"])  # the washout that was kept, in days
    pairs = rows["quality_pairs"]
    assert [sum(sum(row[3:]) for row in pairs[i : i + 3]) for i in range(0, len(pairs), 3)] == [12] * 9
    assert all(sum(row[3:6]) == 12 for row in rows["quality_counts"])
    assert all(sum(row[3:6]) == row[2] == 12 for row in rows["quality_comparison"])
    consensus = next(row for row in rows["accuracy"] if row[:2] == ["consensus", "CTA"])
    assert consensus[3][0] == 1.0  # circular, as the report says
    assert {row[1] for row in rows["mrmc"]} == {"fixed"}
    assert len(rows["agreement_within"]) == 8


def test_diagnoses_are_held_to_a_panel_where_the_protocol_names_one(complete_study, tmp_path, moving_clock):
    """Readers name the known disease; the panel found another one in one of four patients."""
    panel = ("aneurysm", "aneurysm", "dissection", "atherosclerosis")

    def named(code, scan):
        return {**GOOD, "diagnosis": scan.patient.disease}

    complete_study(named, patients=4, truth="panel", panel=panel)
    lock("L1", moving_clock.at)
    export_study(tmp_path / "export")
    write_report(tmp_path / "export", tmp_path / "report")
    rows = json.loads((tmp_path / "report/report.json").read_text())["tables"]["accuracy"]["rows"]
    assert [row[3][0] for row in rows] == [0.75] * 6  # of a consensus the CTA's would be 1
    page = (tmp_path / "report/report.html").read_text()
    assert "panel of readers who were not in the study" in page and "circular" not in page


@pytest.mark.slow
def test_another_checkout_makes_the_same_report_of_an_export(export, tmp_path):
    """Other folder, process, time zone, language and hash seed; every byte of every file."""
    write_report(export, tmp_path / "here")
    for package in ("app", "operators", "ct_headers"):
        unused = shutil.ignore_patterns("built", "node_modules", "__pycache__")
        shutil.copytree(ROOT / package, tmp_path / "checkout" / package, ignore=unused)
    elsewhere = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7", "PYTHONPATH": str(tmp_path / "checkout")}
    command = ["report", "--export", str(export), "--output", str(tmp_path / "there")]
    subprocess.run(
        [sys.executable, "-m", "app.reading", *command],
        cwd=tmp_path / "checkout",
        env={**os.environ, **elsewhere},
        check=True,
        capture_output=True,
    )
    for path in (tmp_path / "here").iterdir():
        assert path.read_bytes() == (tmp_path / "there" / path.name).read_bytes(), path.name


READ_IN_R = """
book <- read.csv("codebook.csv")
for (file in unique(book$file)) {
  mine <- book[book$file == file, ]
  table <- read.csv(file, colClasses = setNames(mine$type, mine$column), na.strings = "")
  stopifnot(identical(names(table), mine$column))
  for (i in seq_len(nrow(mine))) {
    column <- table[[mine$column[i]]]
    stopifnot(class(column) == mine$type[i])
    if (nzchar(mine$levels[i])) {
      known <- strsplit(mine$levels[i], "|", fixed = TRUE)[[1]]
      stopifnot(as.character(column[!is.na(column)]) %in% known)
    }
  }
  cat(file, nrow(table), "\n")
}
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed: apt-get install r-base-core")
def test_r_reads_every_table_with_the_types_and_levels_of_the_codebook(export):
    done = subprocess.run(["Rscript", "-e", READ_IN_R], cwd=export, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {"readings.csv 62", "consensus.csv 96", "patients.csv 13"} <= {
        line.strip() for line in done.stdout.split("\n")
    }


def test_an_edited_export_is_refused(export, tmp_path):
    path = export / "readings.csv"
    path.write_text(path.read_text().replace("healthy", "aneurysm", 1))
    with pytest.raises(Refusal, match=r"readings.csv was changed"):
        write_report(export, tmp_path / "report")


def test_every_column_of_the_tables_stands_in_the_codebook(export):
    with (export / "codebook.csv").open() as file:
        book = [(row["file"], row["column"]) for row in csv.DictReader(file)]
    for name in ("readings.csv", "consensus.csv", "patients.csv", "events.csv"):
        header = (export / name).read_text().splitlines()[0].split(",")
        assert [column for file, column in book if file == name] == header


def test_scores_of_a_reader_leave_repeats_out(export):
    data = read_export(export)
    assert data.readings["is_repeat"].sum() == 12
    assert len(data.scores("R1", "wall_clarity")) == 12


def test_an_export_is_refused_before_the_lock(make_study, tmp_path):
    make_study()
    with pytest.raises(Refusal, match="not locked"):
        export_study(tmp_path / "export")
    assert not (tmp_path / "export").exists()


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.500"), (float("nan"), "not estimable"), (Interval(0.5, 0.25, 0.75), "0.500 (0.250 to 0.750)"), (3, "3")],
)
def test_cells_are_shown_as_in_a_journal(value, text):
    assert shown(value) == text


def test_json_knows_no_nan():
    assert rounded(Interval(random.Random(1).random(), float("nan"), float("inf")))[1:] == [None, None]


def test_small_p_values_are_not_zero():
    assert (shown(PValue(1e-9)), shown(PValue(0.04321))) == ("< .001", ".043")


def test_p_values_are_numbers_in_json():
    assert (rounded(PValue(1e-9)), rounded(PValue(float("nan")))) == (1e-9, None)
