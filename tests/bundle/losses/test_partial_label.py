import pytest
import torch
from torch.nn import functional

from scripts.losses.partial_label import PartialLabelLoss

ALL = 0b111


def logits_of(*classes: int | None) -> torch.Tensor:
    """Three classes; a row of voxels of which the network is sure, or undecided where None."""
    logits = torch.zeros(1, 3, 1, 1, len(classes))
    for voxel, organ in enumerate(classes):
        if organ is not None:
            logits[0, organ, 0, 0, voxel] = 30
    return logits


def masks(*values: int) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.int32).view(1, 1, 1, 1, -1)


def test_a_voxel_of_which_nothing_is_known_teaches_nothing():
    logits = torch.randn(1, 3, 1, 1, 2, requires_grad=True)
    PartialLabelLoss([1, 1, 1], dice_classes=[1])(logits, masks(0b001, ALL)).backward()
    assert logits.grad[..., 1].abs().max() == 0
    assert logits.grad[..., 0].abs().max() > 0


@pytest.mark.parametrize("answer", [1, 2])
def test_either_of_two_possible_classes_is_right(answer):
    loss = PartialLabelLoss([1, 1, 1], dice_classes=[], dice_weight=0)
    assert loss(logits_of(answer), masks(0b110)).item() == pytest.approx(0, abs=1e-6)


def test_an_impossible_class_is_wrong():
    assert PartialLabelLoss([1, 1, 1], dice_classes=[], dice_weight=0)(logits_of(0), masks(0b110)).item() > 20


def test_where_all_is_known_it_is_weighted_cross_entropy():
    logits = torch.randn(1, 3, 1, 1, 4)
    weights, classes = torch.tensor([1.0, 5.0, 2.0]), torch.tensor([0, 1, 2, 1])
    loss = PartialLabelLoss(weights.tolist(), dice_classes=[], dice_weight=0)(logits, masks(*(1 << classes).tolist()))
    wanted = functional.cross_entropy(logits[0, :, 0, 0].T, classes, weights)
    torch.testing.assert_close(loss, wanted)


def test_a_voxel_of_several_classes_takes_their_smallest_weight():
    logits, undecided = logits_of(0, None), masks(0b001, 0b110)
    low, high = (PartialLabelLoss([9, 1, w], dice_classes=[], dice_weight=0)(logits, undecided) for w in (1.0, 50.0))
    assert low == high


def test_dice_leaves_out_what_may_or_may_not_be_the_class():
    undecided = masks(0b010, 0b001, 0b011)
    dice_alone = [
        PartialLabelLoss([1, 1, 1], [1], dice_weight=1)(logits, undecided)
        - PartialLabelLoss([1, 1, 1], [1], dice_weight=0)(logits, undecided)
        for logits in (logits_of(1, 0, 0), logits_of(1, 0, 1))
    ]
    assert dice_alone[0].item() == pytest.approx(dice_alone[1].item(), abs=1e-6)


def test_dice_punishes_what_is_lit_and_is_none():
    loss = PartialLabelLoss([1, 1, 1], [1], dice_weight=1000)
    truth = masks(*[0b010] * 50, *[0b001] * 50)
    right, false = logits_of(*[1] * 50, *[0] * 50), logits_of(*[1] * 100)
    assert loss(false, truth) - loss(right, truth) > 100
