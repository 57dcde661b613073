import torch

from scripts.networks import PaperGenerator


def test_parameter_count_is_the_releases():
    assert sum(p.numel() for p in PaperGenerator().parameters()) == 11_365_633


def test_state_dict_has_the_releases_keys():
    keys = set(PaperGenerator().state_dict())
    layers = ["model_head.1", "model_head.4", "model_head.7", "model_tail.0", "model_tail.3", "model_tail.7"]
    layers += [f"model_body.{block}.conv_block.{layer}" for block in range(9) for layer in (1, 5)]
    assert keys == {f"{layer}.{part}" for layer in layers for part in ("weight", "bias")}


def test_sides_that_are_no_multiple_of_four_come_back_unchanged():
    slices = torch.rand(1, 1, 37, 50)
    assert PaperGenerator(base_channels=4, blocks=1)(slices).shape == slices.shape


def test_output_stays_within_the_window():
    synthetic = PaperGenerator(base_channels=4, blocks=1)(100 * torch.randn(1, 1, 32, 32))
    assert synthetic.abs().max() <= 1


def test_neighbouring_slices_reach_the_output():
    torch.manual_seed(0)
    network = PaperGenerator(base_channels=4, blocks=1, context_slices=1)
    slices = torch.rand(1, 3, 32, 32)
    moved = slices.clone()
    moved[:, 0] += 0.5
    synthetic = network(slices)
    assert synthetic.shape == (1, 1, 32, 32)
    assert not torch.allclose(network(moved), synthetic)
