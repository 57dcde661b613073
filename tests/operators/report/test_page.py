"""result.html is one file that needs nothing else, shows both series aligned, and stays small."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from operators.dicom_objects.source_contrast import SourceContrast
from operators.report.comparison import compare
from operators.report.measures import run_measures
from operators.report.page import RANGE_HU, draw_page
from tests.written_series import PROVENANCE

SPACING_MM = (0.8, 0.8, 2.0)


def page(slices=12, size=64, warnings=(), flipped=False, noise=False, contrast_found=()):
    """A page of a volume whose upper left quarter of a slice (front, right) is bright in the Syn-CTA alone."""
    ncct_hu = np.full((slices, size, size), -1000.0, np.float32)
    if noise:
        ncct_hu = np.random.default_rng(0).normal(100, 100, ncct_hu.shape).astype(np.float32)
    syn_cta_hu = ncct_hu.copy()
    syn_cta_hu[: slices // 2, : size // 2, : size // 2] = 600
    affine_lps = np.diag([*SPACING_MM, 1.0])
    if flipped:
        affine_lps[2, 2] *= -1
    comparison = compare(ncct_hu, syn_cta_hu)
    return draw_page(
        ncct_hu,
        syn_cta_hu,
        affine_lps=affine_lps,
        start_slice=comparison.richest_planes[0],
        measures=run_measures(comparison, SPACING_MM),
        warnings=warnings,
        provenance=PROVENANCE,
        source_contrast=SourceContrast(contrast_found),
    )


def content(html):
    return json.loads(re.search(r'<script id="content"[^>]*>(.*?)</script>', html, re.DOTALL).group(1))


def frame_hu(html, index):
    """(row, column) HU of a frame, NCCT on the left."""
    picture = Image.open(io.BytesIO(base64.b64decode(content(html)["frames"][index])))
    return np.asarray(picture.convert("L")) / 255 * (RANGE_HU[1] - RANGE_HU[0]) + RANGE_HU[0]


@pytest.mark.slow
@pytest.mark.parametrize("flipped", [False, True])
def test_it_begins_with_a_slice_that_shows_the_enhancement(flipped):
    html = page(flipped=flipped)
    assert frame_hu(html, content(html)["start"])[40, 440 + 40] == pytest.approx(600, abs=20)


def test_the_ncct_is_on_the_left_and_has_no_enhancement():
    html = page()
    assert frame_hu(html, content(html)["start"])[40, 40] == pytest.approx(RANGE_HU[0], abs=20)


def test_frames_run_from_head_to_feet():
    assert content(page(slices=4))["numbers"] == [4, 3, 2, 1]


def test_nothing_is_loaded_from_elsewhere():
    html = page()
    assert not re.search(r"(src|href)=|url\(|https?:", html)


def test_the_policy_allows_the_script_of_the_page_alone():
    assert re.search(r"default-src 'none'; img-src data:; .*script-src 'sha256-[\w+/=]{44}'", page())


def test_warnings_are_shown_as_text():
    assert "<li>a &lt;b&gt; c</li>" in page(warnings=["a <b> c"])


@pytest.mark.slow
def test_a_long_and_noisy_scan_stays_within_a_few_mb():
    assert len(page(slices=900, noise=True)) < 5_000_000


@pytest.mark.slow
def test_it_denies_contrast_only_where_none_was_found():
    assert "No contrast agent was given" in page()
    found = page(contrast_found=("The header names an agent.",))
    assert "No contrast agent was given" not in found
    assert "Contrast WAS FOUND in the source" in found
