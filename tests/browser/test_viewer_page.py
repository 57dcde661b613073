"""What a radiologist does on the viewer's page, on real series."""

import numpy as np
import pydicom
import pytest

from app.viewer.results import find_results
from app.viewer.volumes import NCCT, SYN_CTA, ResultVolumes, SourceFolder

SERIES = {"phantom": "webgl", "lidc": "webgl", "feet-first": "auto", "jpeg-2000": "webgl"}
"""Cases, and by what they are drawn: without a GPU "auto" is the plain canvas."""

NCCT_PANE, SYN_CTA_PANE, DIFFERENCE_PANE = 0, 1, 2
POINTS = 20
GREY_LEVELS = 4.0
"""Tolerance: texture filters weigh neighbours in steps of 1/256."""


@pytest.fixture(scope="module", params=SERIES)
def opened(request, cases, show):
    """(page with a case that is ready, HU of its volumes, its source folder); greys of the first paint are kept."""
    source, result = cases(request.param)
    watched = show(result, source, f"?renderer={SERIES[request.param]}")
    watched.wait("picture", "ready")
    volumes = ResultVolumes(find_results(result)[0], SourceFolder(source))
    hu = {name: volumes.hu(name, range(volumes.shape[0])) for name in volumes.names}
    watched.first = {pane: (watched.pixels(pane), watched.pane(pane)) for pane in (NCCT_PANE, SYN_CTA_PANE)}
    watched.wait("ready")
    watched.drawn()
    return watched, hu, source


@pytest.fixture
def viewed(opened):
    """The same with the view reset."""
    opened[0].page.keyboard.press("a")
    opened[0].press("r")
    return opened


def errors_in_grey(pixels, pane, volume_hu, center, width):
    """Grey on screen minus the window formula's, at random points of even tissue."""
    right, down, through = pane["axes"]
    cut = np.take(volume_hu.transpose(2, 1, 0), pane["slice"], axis=through).astype(float)
    cut = cut if right < down else cut.T  # (right, down)
    (x0, y0), (x1, y1) = pane["first"], pane["second"]
    rng = np.random.default_rng(0)
    errors = []
    for _ in range(20_000):
        x, y = (int(rng.uniform(0.15, 0.85) * size) for size in pane["size"])
        u, v = (x + 0.5 - x0) / (x1 - x0), (y + 0.5 - y0) / (y1 - y0)
        i, j = int(np.floor(u)), int(np.floor(v))
        around = cut[i : i + 2, j : j + 2] if i >= 0 and j >= 0 else np.empty(0)
        if around.shape != (2, 2) or np.ptp(around) > 0.15 * width:
            continue
        (a, b), (c, d) = around
        hu = (a * (1 - (v - j)) + b * (v - j)) * (1 - (u - i)) + (c * (1 - (v - j)) + d * (v - j)) * (u - i)
        errors.append(pixels[y, x].mean() - 255 * np.clip((hu - center) / width + 0.5, 0, 1))
        if len(errors) == POINTS:
            break
    assert len(errors) == POINTS
    return np.abs(errors)


@pytest.mark.parametrize(("pane", "name"), [(NCCT_PANE, NCCT), (SYN_CTA_PANE, SYN_CTA)])
def test_the_first_paint_has_the_greys_of_the_window_formula(opened, pane, name):
    watched, hu, _ = opened
    assert errors_in_grey(*watched.first[pane], hu[name], 300, 600).max() < GREY_LEVELS


@pytest.mark.parametrize("key", ["a", "c", "s"])
def test_greys_in_each_plane_follow_the_window_formula(viewed, key):
    watched, hu, _ = viewed
    watched.press(key, "2")
    pixels, pane = watched.pixels(SYN_CTA_PANE), watched.pane(SYN_CTA_PANE)
    assert errors_in_grey(pixels, pane, hu[SYN_CTA], 40, 400).max() < GREY_LEVELS


def test_the_wheel_over_one_pane_moves_all_to_the_same_slice(viewed):
    watched = viewed[0]
    before = watched.text(NCCT_PANE, "slice")
    watched.page.locator(".pane").nth(SYN_CTA_PANE).hover()
    watched.page.mouse.wheel(0, 100)
    watched.drawn()
    slices = [watched.text(pane, "slice") for pane in (NCCT_PANE, SYN_CTA_PANE, DIFFERENCE_PANE)]
    assert len(set(slices)) == 1
    assert slices[0] != before


def test_dragging_the_window_changes_ncct_and_syn_cta_but_not_the_difference(viewed):
    watched = viewed[0]
    watched.page.mouse.move(0, 0)
    before = [watched.pixels(pane) for pane in range(3)]
    box = watched.page.locator(".pane").nth(NCCT_PANE).bounding_box()
    watched.page.mouse.move(box["x"] + 200, box["y"] + 300)
    watched.page.mouse.down()
    watched.page.mouse.move(box["x"] + 120, box["y"] + 200, steps=4)
    watched.page.mouse.up()
    watched.page.mouse.move(0, 0)
    watched.drawn()
    changed = [not np.array_equal(pixels, watched.pixels(pane)) for pane, pixels in enumerate(before)]
    assert changed == [True, True, False]


@pytest.mark.parametrize(("key", "axis", "letters"), [("a", 0, "RL"), ("c", 0, "RL"), ("s", 1, "AP")])
def test_letters_left_and_right_are_those_of_the_patient(viewed, key, axis, letters):
    watched, _, source = viewed
    watched.press(key)
    pane = watched.pane(NCCT_PANE)
    towards_right = (pane["second"][0] - pane["first"][0]) * step_of(source, pane["axes"][0])[axis]
    shown = watched.text(NCCT_PANE, "left") + watched.text(NCCT_PANE, "right")
    assert shown == (letters if towards_right > 0 else letters[::-1])
    assert shown == letters  # and as radiologists look


@pytest.mark.parametrize("key", ["c", "s"])
def test_the_head_is_up(viewed, key):
    watched, _, source = viewed
    watched.press(key)
    pane = watched.pane(NCCT_PANE)
    down_mm = (pane["second"][1] - pane["first"][1]) * step_of(source, pane["axes"][1])[2]
    assert (watched.text(NCCT_PANE, "up"), watched.text(NCCT_PANE, "down")) == ("H", "F")
    assert down_mm < 0


def step_of(source, grid_axis):
    """One step along a grid axis in LPS, from the DICOM headers; slices ascend along the normal."""
    path = next(path for path in sorted(source.iterdir()) if path.is_file())
    x, y = np.array(pydicom.dcmread(path, stop_before_pixels=True).ImageOrientationPatient, float).reshape(2, 3)
    return (x, y, np.cross(x, y))[grid_axis]


def test_the_label_synthetic_is_on_every_pane_but_the_ncct(viewed):
    watched = viewed[0]
    badges = [watched.text(pane, "badge") for pane in range(3)]
    assert ["SYNTHETIC" in badge for badge in badges] == [False, True, True]


def test_nothing_leaves_the_origin_and_nothing_fails(viewed):
    watched = viewed[0]
    watched.press("g", "t", "x", "a")
    assert watched.faults == []


def test_a_keyboard_is_enough(cases, show):
    watched = show(*reversed(cases("lidc")))
    watched.wait("ready")
    watched.press("ArrowDown", "2", "c", "x", "m", *["Control+ArrowRight"] * 10, "m")
    assert watched.text(NCCT_PANE, "window") == "C 40 W 400"
    assert watched.text(NCCT_PANE, "slice").startswith("coronal")
    assert watched.page.locator(".pane text.length").first.text_content() == "7.8 mm"  # 10 voxels of 0.78125 mm
    assert all(watched.text(pane, "hu").endswith(" HU") for pane in range(3))  # at the cross-hair
    watched.press("?")
    assert watched.page.locator("#help").is_visible()
    watched.press("Escape", "Home", "t", "t", "[", "+", "Shift+ArrowRight")
    assert watched.text(NCCT_PANE, "slice").endswith("1/512, MIP 10 mm")
    watched.press("T", "Shift+T", "Shift+T")  # a capital without Shift is that of Caps Lock
    assert watched.text(NCCT_PANE, "slice").endswith("MIP 5 mm")
    watched.press("r", "g")
    assert watched.page.locator(".pane").count() == 9
    assert watched.faults == []


def test_the_uncertainty_is_a_fourth_pane_and_a_colour_layer(uncertain, show):
    watched = show(*reversed(uncertain))
    watched.wait("ready")
    watched.drawn()
    assert [watched.text(pane, "title") for pane in range(4)] == ["NCCT", "Syn-CTA", "Difference", "Uncertainty (SD)"]
    without = watched.pixels(SYN_CTA_PANE)
    watched.press("u")
    colours = watched.pixels(SYN_CTA_PANE).astype(int)
    assert (colours[..., 0] - colours[..., 2]).max() > 40  # red over the greys
    watched.press("u")
    assert np.array_equal(watched.pixels(SYN_CTA_PANE), without)
    assert watched.faults == []


def test_without_a_gpu_the_plain_canvas_draws_unless_webgl_is_asked_for(opened, request):
    drawn_by = opened[0].page.evaluate("viewer.renderer")
    assert drawn_by == {"webgl": "webgl", "auto": "canvas"}[SERIES[request.node.callspec.params["opened"]]]


def test_without_webgl2_a_plain_canvas_draws_and_the_page_says_so(cases, chromium, show):
    source, result = cases("lidc")
    watched = show(result, source, "?renderer=canvas")
    watched.wait("ready")
    assert watched.page.evaluate("viewer.renderer") == "canvas"
    watched.page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        "  return kind.startsWith('webgl') ? null : get.call(this, kind, ...rest); };"
    )
    watched.page.goto(watched.url)
    watched.wait("ready")
    assert "no WebGL2" in watched.page.locator("#notices").inner_text()
    assert watched.pixels(SYN_CTA_PANE).max() == 255
