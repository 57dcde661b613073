"""The warp that train.yaml names, against transformations that can be written down."""

import math

import pytest
import torch
from monai.bundle import ConfigParser


@pytest.fixture(scope="module")
def warp(repository) -> torch.nn.Module:
    config = ConfigParser.load_config_file(repository / "bundle" / "configs" / "train.yaml")
    return ConfigParser(config["train"]["warp"]).get_parsed_content()


def grid(side: int = 33) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows and columns in pixels from the middle."""
    axis = torch.arange(side) - (side - 1) / 2
    return torch.meshgrid(axis, axis, indexing="ij")


def hill(row: torch.Tensor, column: torch.Tensor) -> torch.Tensor:
    """A smooth slice that is different in every direction, shape (1, 1, H, W)."""
    return torch.exp(-((row - 3) ** 2 / 240 + (column + 4) ** 2 / 120 + row * column / 360))[None, None]


def test_no_flow_changes_nothing(warp):
    slices = torch.rand(1, 1, 16, 20)
    torch.testing.assert_close(warp(slices, torch.zeros(1, 2, 16, 20)), slices)


@pytest.mark.parametrize(("row_px", "column_px"), [(3, 0), (0, -2), (1.5, 2.25)])
def test_a_constant_flow_looks_the_slice_up_that_many_rows_and_columns_away(warp, row_px, column_px):
    row, column = grid()
    flow_px = torch.stack((torch.full_like(row, row_px), torch.full_like(row, column_px)))[None]
    expected = hill(row + row_px, column + column_px)
    inside = (..., slice(4, -4), slice(4, -4))
    torch.testing.assert_close(warp(hill(row, column), flow_px)[inside], expected[inside], atol=0.005, rtol=0)


def test_a_rotation_turns_the_slice_about_its_middle(warp):
    row, column = grid()
    angle = math.radians(20)
    turned_row = math.cos(angle) * row - math.sin(angle) * column
    turned_column = math.sin(angle) * row + math.cos(angle) * column
    flow_px = torch.stack((turned_row - row, turned_column - column))[None]
    inside = (row**2 + column**2 < 14**2)[None, None]
    error = (warp(hill(row, column), flow_px) - hill(turned_row, turned_column)).abs()
    assert error[inside].max() < 0.005


def test_beyond_the_edge_the_edge_goes_on(warp):
    slices = torch.rand(1, 1, 8, 8)
    flow_px = torch.zeros(1, 2, 8, 8)
    flow_px[:, 1] = 100
    torch.testing.assert_close(warp(slices, flow_px), slices[..., -1:].expand(1, 1, 8, 8))
