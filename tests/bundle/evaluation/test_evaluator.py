import csv
import json
from pathlib import Path

import pytest

from scripts.evaluation import CohortEvaluator

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(models, records, tmp_path_factory) -> Path:
    """Results of two models on two patients; the table also put into a model card."""
    folder = tmp_path_factory.mktemp("results")
    card = folder / "card.md"
    card.write_text("<!-- evaluation -->\nold\n<!-- end of evaluation -->\n")
    CohortEvaluator(records, models, folder, split="training", card=card, progress=False).run()
    return folder


@pytest.fixture(scope="module")
def rows(results) -> list[dict]:
    with (results / "patients.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_patient_has_a_row_for_every_model(rows):
    models = ["NCCT unchanged", "residual", "paper", "anatomy known"]
    assert [(row["patient"], row["model"]) for row in rows] == [
        (patient, model) for patient in ("patient-0", "patient-1") for model in models
    ]


def test_a_network_that_does_nothing_scores_as_the_unchanged_ncct(rows):
    for key in ("psnr_db", "lumen_error_hu", "vessel_dice", "false_enhancement"):
        assert float(rows[1][key]) == pytest.approx(float(rows[0][key]), rel=1e-5)


def test_known_anatomy_can_be_left_out(models, records, tmp_path):
    only = {"residual": models["residual"]}
    CohortEvaluator(records[:1], only, tmp_path, known_anatomy=False, progress=False).run()
    assert "anatomy known" not in (tmp_path / "report.md").read_text()


def test_models_see_their_own_weights(rows):
    assert float(rows[2]["mae_hu"]) > 2 * float(rows[1]["mae_hu"])


def test_the_summary_is_json_without_nan(results):
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    summary = json.loads((results / "summary.json").read_text(), parse_constant=refuse)
    assert summary["cohort"]["patients"] == 2
    assert summary["summary"][0]["psnr_db"]["patients"] == 2
    assert summary["weights_sha256"]["NCCT unchanged"] is None
    assert len(summary["weights_sha256"]["paper"]) == 64


def test_the_report_states_range_tables_and_definitions(results):
    report = (results / "report.md").read_text()
    for expected in ("data range 4095 HU", "vessel Dice", "## Definitions", "residual minus NCCT unchanged"):
        assert expected in report


def test_the_report_says_what_known_anatomy_is(results):
    assert "`anatomy known` is not a model" in (results / "report.md").read_text()


def test_every_figure_of_the_report_is_there(results):
    report = (results / "report.md").read_text()
    figures = ["patients_residual.png", "patients_paper.png", "bland_altman.png"]
    assert all(f"]({name})" in report and (results / name).is_file() for name in figures)


def test_the_tables_are_put_into_the_card(results):
    card = (results / "card.md").read_text()
    assert "old" not in card
    assert "| all | 2 | paper |" in card


def test_nothing_is_left_of_the_work(results):
    assert not list(results.glob(".slices-*"))


def test_vessels_are_told_one_by_one(results):
    with (results / "vessels.csv").open(newline="") as file:
        vessels = list(csv.DictReader(file))
    assert len(vessels) == 2 * 3
    assert {float(vessel["cta_hu"]) for vessel in vessels} == {350}


def test_pairs_without_lumen_are_scored_by_their_image_and_the_report_says_so(models, real_pair, tmp_path):
    only = {"residual": models["residual"]}
    CohortEvaluator([real_pair], only, tmp_path, split="training", progress=False).run()
    report = (tmp_path / "report.md").read_text()
    assert "**Not measured: lumen error, HU; lumen bias, HU;" in report
    assert "no patient has a lumen mask" in report
    assert "0 with aligned truth" in report
    assert "anatomy known" not in report, "nothing is known of it"
    assert (tmp_path / "patients_residual.png").is_file()
    assert not (tmp_path / "bland_altman.png").exists()


def test_known_anatomy_is_that_of_the_patients_of_whom_it_is_known(models, records, real_pair, tmp_path):
    only = {"residual": models["residual"]}
    CohortEvaluator([{**real_pair, "patient": "plain"}, records[1]], only, tmp_path, progress=False).run()
    with (tmp_path / "patients.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["patient"] for row in rows if row["model"] == "anatomy known"] == [records[1]["patient"]]


def test_synthrads_convention_is_stated(models, records, tmp_path):
    only = {"residual": models["residual"]}
    CohortEvaluator(records[:1], only, tmp_path, convention="synthrad", progress=False).run()
    assert "data range 4024 HU, both clipped to -1024..3000 HU" in (tmp_path / "report.md").read_text()


def test_the_unchanged_ncct_can_be_named_by_the_user(models, records, tmp_path):
    evaluator = CohortEvaluator(records, {"residual": models["residual"], "nothing": None}, tmp_path)
    assert list(evaluator.models) == ["residual", "nothing"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"convention": "other"}, "Choose paper or synthrad"),
        ({"models": {"mine": 5}}, "Model 'mine': give a checkpoint"),
        ({"models": {"a b": None, "a-b": None}}, "must differ"),
        ({"models": {"anatomy known": "x.pt"}}, "is the name of another row"),
        ({"models": {"mine": {"checkpont": "x.pt"}}}, "Model 'mine': .*no setting checkpont"),
    ],
)
def test_a_wrong_setting_is_refused_before_anything_is_scored(records, tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        CohortEvaluator(**{"records": records, "models": {}, "output_dir": tmp_path} | change)


def test_a_model_without_weights_is_named(records, tmp_path):
    with pytest.raises(FileNotFoundError, match="Model 'mine': No weights at nowhere"):
        CohortEvaluator(records, {"mine": "nowhere/model.pt"}, tmp_path)
