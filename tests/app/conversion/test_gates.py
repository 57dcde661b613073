"""The input gates: each refuses with its reason, and with its setting converts and says so."""

import numpy as np
import pytest

from tests.dicom_series import body_hu, setting, write_series

pytestmark = pytest.mark.slow


def wide_hu(slices: int = 10, side: int = 64) -> np.ndarray:
    """(slice, row, column) soft tissue of 40 HU that fills the slices, with little noise."""
    rng = np.random.default_rng(3)
    return (40 + rng.integers(-5, 6, (slices, side, side))).astype(np.int16)


def with_aorta_hu() -> np.ndarray:
    """A vessel of 300 HU and 29 ml."""
    hu = wide_hu()
    hu[:, 8:56, 8:56] += 260
    return hu


def with_metal_hu() -> np.ndarray:
    hu = body_hu(12)
    hu[:, 10:30, 10:40] = 3071
    return hu


def head_hu() -> np.ndarray:
    """Brain of 35 HU inside a skull of 900 HU under skin."""
    y, x = np.mgrid[:160, :160]
    radius = np.hypot((y - 80) / 70, (x - 80) / 60)
    plane = np.select([radius < 0.85, radius < 0.93, radius < 1], [35, 900, 40], -1000)
    return np.repeat(plane[None], 10, axis=0).astype(np.int16)


def _thick(ds, _):
    ds.SliceThickness = "8"


def _far_apart(ds, i):
    ds.ImagePositionPatient = [-20, -30, 100 + 8 * i]


def _thin(ds, i):
    ds.ImagePositionPatient = [-20, -30, 100 + 0.4 * i]


def _head(ds, _):
    ds.PixelSpacing = [1.2, 1.2]


CASES = [
    pytest.param("contrast_header", "contrast", setting(ContrastBolusAgent="GEHEIM 300"), None, id="agent"),
    pytest.param("contrast_header", "contrast", setting(SeriesDescription="CTA GEHEIM"), None, id="description"),
    pytest.param("contrast_image", "contrast", None, with_aorta_hu, id="enhanced blood"),
    pytest.param("spectral", "derived", setting(SeriesDescription="VNC GEHEIM"), None, id="virtual non-contrast"),
    pytest.param("anatomy", "anatomy", setting(BodyPartExamined="KNEE"), None, id="body part"),
    pytest.param("anatomy", "anatomy", setting(SeriesDescription="HEAD 5.0"), None, id="words for a body part"),
    pytest.param("anatomy", "anatomy", _head, head_hu, id="a skull in the image"),
    pytest.param("slice_thickness", "slice_thickness", _thick, None, id="thick slices"),
    pytest.param("slice_thickness", "slice_thickness", _far_apart, None, id="slices far apart"),
    pytest.param("too_few_slices", "too_few_slices", None, lambda: body_hu(2), id="two slices"),
    pytest.param("too_few_slices", "too_few_slices", None, lambda: body_hu(1), id="one slice"),
    pytest.param("too_few_slices", "too_few_slices", _thin, lambda: body_hu(3), id="three thin slices"),
    pytest.param("metal", "metal", None, with_metal_hu, id="metal"),
]


@pytest.mark.parametrize(("gate", "reason", "edit", "hu"), CASES)
def test_a_gate_refuses_unless_it_is_set_to_warn(app, tmp_path, gate, reason, edit, hu):
    volume_hu = body_hu() if hu is None else hu()
    folder = write_series(tmp_path / "in", edit, hu=volume_hu)
    # Every other gate warns, so that it is this one that refuses and this one that lets pass.
    others = dict.fromkeys(
        ("contrast_header", "contrast_image", "spectral", "anatomy", "slice_thickness", "too_few_slices", "metal"),
        "warn",
    )
    assert app(folder, loader={"gates": others | {gate: "refuse"}}).refusal == (65, reason)
    run = app(folder, loader={"gates": others, "convert_enhanced": True})
    assert np.array_equal(run.source_hu, volume_hu)
    (warning,) = [text for text in run.result["warnings"] if f"loader.gates.{gate} to warn" in text]
    assert warning in run.log
    assert "GEHEIM" not in run.log


def test_a_series_without_warnings_is_taken_before_one_with(app, tmp_path):
    write_series(tmp_path / "in" / "cta", setting(SeriesDescription="CTA"), hu=body_hu(20), series="1.2.3.4.6")
    write_series(tmp_path / "in" / "ncct", series="1.2.3.4.7")
    run = app(tmp_path / "in", loader={"gates": {"contrast_header": "warn"}, "convert_enhanced": True})
    assert np.array_equal(run.source_hu, body_hu())
    assert run.result["warnings"] == []


def test_a_region_can_be_added_for_a_bundle_that_knows_it(app, tmp_path):
    folder = write_series(tmp_path / "in", setting(BodyPartExamined="LEG"))
    assert app(folder, loader={"regions": ["chest", "leg"]}).exit_code == 0


@pytest.mark.parametrize(
    "body_part", ["CHEST", "THORAX", "HEADNECK", "CHESTABDPELVIS", "ABDOMENPELVIS", "CAROTID", "PARTIALBODY", ""]
)
def test_trained_and_unknown_body_parts_pass(app, tmp_path, body_part):
    folder = write_series(tmp_path / "in", setting(BodyPartExamined=body_part, SeriesDescription="1.0 B30f"))
    assert app(folder).exit_code == 0


@pytest.mark.parametrize(
    ("loader", "told"),
    [
        ({"gates": {"metal": "ignore"}}, "loader.gates.metal: Input should be 'refuse' or 'warn'"),
        ({"gates": {"teeth": "warn"}}, "loader.gates.teeth is unknown"),
        ({"regions": ["chest", "tail"]}, "loader.regions.1: Input should be 'head', 'neck'"),
        ({"regions": "chest"}, "loader.regions: Input should be a list"),
    ],
)
def test_settings_that_are_wrong_are_named(app, tmp_path, loader, told):
    run = app(write_series(tmp_path / "in"), loader=loader)
    assert run.refusal == (78, "settings")
    assert told in run.message
