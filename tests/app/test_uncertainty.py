"""The app with the uncertainty series switched on, with the shipped bundle."""

import json

import numpy as np
import pydicom
import pytest

from app.cli import main
from tests.dicom_series import body_hu, dcentvfy_errors, dciodvfy_errors, write_series

pytestmark = pytest.mark.slow

SLICES = 10


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uncertainty")
    source = write_series(folder / "in", hu=body_hu(SLICES, 96, 96))
    (folder / "app.yaml").write_text("application: {title: Syn-CTA}\nuncertainty: {enabled: true}\n")
    arguments = ["-i", source, "-o", folder / "out", "--settings", folder / "app.yaml", "--device", "cpu"]
    assert main([str(argument) for argument in arguments]) == 0
    return folder / "out"


@pytest.fixture(scope="module")
def pairs(output):
    """(Syn-CTA slice, uncertainty slice)."""
    folders = (output / "syn-cta", output / "uncertainty")
    return list(zip(*([pydicom.dcmread(path) for path in sorted(folder.iterdir())] for folder in folders), strict=True))


def test_each_slice_has_its_uncertainty_on_the_same_grid_in_a_series_of_its_own(pairs):
    assert len(pairs) == SLICES
    for syn_cta, uncertainty in pairs:
        assert uncertainty.ImagePositionPatient == syn_cta.ImagePositionPatient
        assert uncertainty.PixelSpacing == syn_cta.PixelSpacing
        assert uncertainty.FrameOfReferenceUID == syn_cta.FrameOfReferenceUID
        assert uncertainty.StudyInstanceUID == syn_cta.StudyInstanceUID
        assert uncertainty.SeriesInstanceUID != syn_cta.SeriesInstanceUID
        assert uncertainty.SeriesNumber == syn_cta.SeriesNumber + 1000


def test_the_map_is_marked_and_described(pairs):
    for _, uncertainty in pairs:
        assert uncertainty.SyntheticData == "YES"
        assert uncertainty.ImageType == ["DERIVED", "SECONDARY", "AXIAL", "UNCERTAINTY"]
        assert "uncertainty" in uncertainty.SeriesDescription
        assert "Standard deviation" in uncertainty.DerivationDescription
        assert uncertainty[0x6000, 0x1500].value == "SYNTHETIC UNCERTAINTY"


def test_the_map_is_a_standard_deviation_in_hu(pairs):
    deviation_hu = np.stack([ds.pixel_array * ds.RescaleSlope + ds.RescaleIntercept for _, ds in pairs])
    assert deviation_hu.min() >= 0
    assert 0 < deviation_hu.max() < 1000


def test_the_validators_find_no_error(output):
    assert dciodvfy_errors(output / "uncertainty") == []
    assert (
        dcentvfy_errors(output.parent / "in", output / "syn-cta", output / "uncertainty", output / "companions") == []
    )


def test_the_report_sums_it_up(output):
    report = json.loads((output / "result.json").read_text())
    assert report["written"]["uncertainty"] == SLICES
    assert report["uncertainty"]["sd_hu"]["tissue"]["mean"] >= 0
    assert report["uncertainty"]["tissue_over_30_hu_ml"] >= 0


def test_the_structured_report_sums_it_up_and_names_the_map_as_evidence(output, pairs):
    ds = pydicom.dcmread(output / "companions" / "measurement-report.dcm")
    everything = ds.to_json()
    assert "Uncertainty (SD of synthetic HU) of all tissue" in everything
    assert str(pairs[0][1].SOPInstanceUID) in everything


def test_a_bundle_without_uncertainty_is_named_as_such(output, tmp_path, capfd):
    from tests.stand_in_bundle import write_stand_in_bundle

    bundle = write_stand_in_bundle(tmp_path / "bundle")
    arguments = ["-i", output.parent / "in", "-o", tmp_path / "out", "--settings", output.parent / "app.yaml"]
    code = main([str(argument) for argument in (*arguments, "-m", bundle, "--device", "cpu")])
    assert code == 78
    assert "uncertainty_def" in capfd.readouterr().err
    assert not (tmp_path / "out").exists()
