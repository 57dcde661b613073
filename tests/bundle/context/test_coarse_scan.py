"""A scan on the voxels of the context network."""

import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Orientation

from scripts.context import coarse_scan

COARSE_MM = (2.0, 2.0, 2.5)


def scan(values: torch.Tensor, spacing_mm=(0.5, 0.5, 1.25)) -> MetaTensor:
    """A volume of (1, columns to the left, rows to posterior, slices to the head)."""
    column_mm, row_mm, slice_mm = spacing_mm
    return MetaTensor(values, affine=torch.diag(torch.tensor([-column_mm, -row_mm, slice_mm, 1.0])))


@pytest.fixture
def noise() -> MetaTensor:
    return scan(40 + 30 * torch.randn(1, 40, 48, 16, generator=torch.Generator().manual_seed(0)))


def test_the_noise_of_single_voxels_averages_out(noise):
    assert coarse_scan([noise], 16, COARSE_MM)[:, 2:-2, 2:-2].std() < noise.std() / 4


def test_the_voxels_run_from_feet_to_head_from_front_to_back_and_from_right_to_left():
    columns, rows, slices = torch.meshgrid(torch.arange(40.0), torch.arange(48.0), torch.arange(16.0), indexing="ij")
    volume = scan((columns + 100 * rows + 0.01 * slices)[None])
    coarse = coarse_scan([volume], 16, COARSE_MM)
    assert coarse.shape == (8, 12, 10)
    # The middle of coarse voxel (3, 5, 4) lies between slices 6 and 7, rows 21 and 22, columns 17 and 18.
    assert coarse[3, 5, 4] == pytest.approx(17.5 + 100 * 21.5 + 0.01 * 6.5, abs=1e-3)


def test_pieces_give_what_the_whole_gives(noise):
    pieces = [MetaTensor(noise[..., a:b], affine=noise.affine) for a, b in ((0, 3), (3, 11), (11, 16))]
    torch.testing.assert_close(coarse_scan(pieces, 16, COARSE_MM), coarse_scan([noise], 16, COARSE_MM))


@pytest.mark.parametrize("axcodes", ["RAS", "SPL", "IAR"])
def test_it_does_not_matter_which_way_the_axes_run(noise, axcodes):
    turned = Orientation(axcodes, labels=None)(noise)
    torch.testing.assert_close(coarse_scan([turned], 16, COARSE_MM), coarse_scan([noise], 16, COARSE_MM))


def test_thick_slices_are_interpolated():
    slices = torch.tensor([0.0, 100.0]).expand(1, 8, 8, 2)
    coarse = coarse_scan([scan(slices, (2.0, 2.0, 5.0))], 2, COARSE_MM)
    assert coarse[:, 4, 4].tolist() == pytest.approx([0, 25, 75, 100])


def test_padding_is_air():
    coarse = coarse_scan([scan(torch.full((1, 8, 8, 2), -3024.0))], 2, COARSE_MM)
    torch.testing.assert_close(coarse, torch.full_like(coarse, -1024.0))


@pytest.mark.parametrize("slices", [15, 17])
def test_pieces_that_are_not_the_whole_scan_are_refused(noise, slices):
    with pytest.raises(ValueError, match=f"{slices}"):
        coarse_scan([noise], slices, COARSE_MM)


def test_padding_that_is_no_number_counts_as_air(noise):
    padded, air = noise.clone(), noise.clone()
    padded[:, :8], air[:, :8] = torch.nan, -1024
    torch.testing.assert_close(coarse_scan([padded], 16, COARSE_MM), coarse_scan([air], 16, COARSE_MM))
