"""What an offset of the context network's classes does to phantoms."""

import numpy as np
import pytest
import torch

from scripts.context.whole_scan import class_offsets
from scripts.organs import ANY_ORGAN, Organ
from studies.context_offsets import count_voxels, main


@pytest.fixture
def logits() -> torch.Tensor:
    """Of four voxels: the first two look like artery, the last two a little more like left heart than oesophagus."""
    values = torch.full((len(Organ), 1, 1, 4), -20.0)
    values[Organ.ARTERY, ..., :2] = 5
    values[Organ.LEFT_HEART, ..., 2:] = 1
    values[Organ.OESOPHAGUS, ..., 2:] = 0
    return values


POSSIBLE = torch.tensor([[[1 << Organ.ARTERY, ANY_ORGAN, 1 << Organ.OESOPHAGUS, 1 << Organ.OESOPHAGUS]]])


def test_voxels_are_counted_where_their_class_is_known(logits):
    np.testing.assert_array_equal(count_voxels(logits, class_offsets({}), POSSIBLE), [1, 1, 1, 2, 2])


def test_an_offset_finds_the_oesophagus_and_leaves_the_artery(logits):
    np.testing.assert_array_equal(count_voxels(logits, class_offsets({"OESOPHAGUS": 3}), POSSIBLE), [1, 1, 1, 0, 2])


@pytest.mark.slow
def test_the_command_shows_a_region_with_each_offset(capsys):
    assert main(["--regions", "neck", "--phantoms", "1", "--artery", "0", "--oesophagus", "0", "5"]) == 0
    rows = [
        [cell.strip() for cell in line.split("|")[1:4]] for line in capsys.readouterr().out.strip().splitlines()[2:]
    ]
    assert rows == [["neck", "0.0", "0.0"], ["neck", "0.0", "5.0"]]
