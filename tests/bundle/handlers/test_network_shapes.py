import pytest
import torch

from scripts.handlers import NetworkShapes
from scripts.networks import ResidualGenerator


def shapes(context_slices: int = 1, channels: tuple[int, ...] = (4, 8, 8)) -> NetworkShapes:
    return NetworkShapes({"generator": ResidualGenerator(channels, res_units=1, context_slices=context_slices)})


def test_the_same_networks_go_on():
    shapes().load_state_dict(shapes().state_dict())


def test_a_checkpoint_takes_the_shapes(tmp_path):
    torch.save(shapes().state_dict(), tmp_path / "shapes.pt")
    shapes().load_state_dict(torch.load(tmp_path / "shapes.pt", weights_only=True))


def test_another_number_of_neighbours_is_refused_though_the_weights_would_load():
    with pytest.raises(ValueError, match=r"weight of the generator is 4 x 36 x 3 x 3 in the run and 4 x 60 x 3 x 3 in"):
        shapes(context_slices=2).load_state_dict(shapes(context_slices=1).state_dict())


def test_another_depth_is_refused():
    with pytest.raises(ValueError, match="missing"):
        shapes(channels=(4, 8, 8, 8)).load_state_dict(shapes().state_dict())


def test_the_refusal_says_how_to_go_on_and_how_to_start_anew():
    with pytest.raises(ValueError, match=r"--network_def, .* --resume True\. .* --output_dir .* --pretrained"):
        shapes(context_slices=2).load_state_dict(shapes().state_dict())
