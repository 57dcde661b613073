import pytest
import torch

from scripts.networks import ResidualGenerator


@pytest.fixture
def trained_generator() -> ResidualGenerator:
    """A generator whose last layer gives enhancements of the size of contrast (some hundred HU)."""
    torch.manual_seed(0)
    generator = ResidualGenerator(channels=(8, 16, 16)).eval()
    torch.nn.init.normal_(generator.enhancement.weight, std=0.02)
    return generator


def test_untrained_network_is_the_identity():
    slices = torch.rand(2, 1, 64, 96)
    assert torch.equal(ResidualGenerator()(slices), slices)


def test_sides_that_are_no_multiple_of_the_stride_come_back_unchanged(trained_generator):
    slices = torch.rand(1, 1, 45, 51)
    assert trained_generator(slices).shape == slices.shape


def test_every_parameter_is_reached_by_the_gradient(trained_generator):
    trained_generator(torch.rand(1, 1, 32, 32)).sum().backward()
    assert all(p.grad is not None for p in trained_generator.parameters())


def test_mixed_precision_does_not_touch_the_slice_itself():
    slices = torch.rand(1, 1, 64, 64)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(ResidualGenerator()(slices), slices), "an untrained network adds nothing, in float32"


def test_nothing_is_lowered_when_the_network_is_used(trained_generator):
    slices = torch.rand(1, 1, 64, 64)
    assert (trained_generator(slices) >= slices).all()
    assert (trained_generator.train()(slices) < slices).any(), "in training the gradient of a lowered value must pass"


def test_the_enhancement_is_added_to_the_middle_slice():
    slab = torch.rand(1, 5, 64, 64)
    assert torch.equal(ResidualGenerator(channels=(8, 16, 16), context_slices=2)(slab), slab[:, 2, None])


def test_what_lies_outside_a_window_is_not_seen_through_it():
    generator = ResidualGenerator(channels=(8, 16, 16), windows_hu=[(-160, 240)], hu_range=(-1000, 1000))
    hu = torch.tensor([-1000.0, -160.0, 40.0, 240.0, 900.0]).reshape(1, 1, 1, 5)
    seen = generator._through_windows(hu / 1000)
    assert torch.allclose(seen[:, 1], torch.tensor([-1.0, -1.0, 0.0, 1.0, 1.0]), atol=1e-5)


def test_weights_of_fewer_neighbours_give_the_same_result_at_first(trained_generator):
    narrow = ResidualGenerator(channels=(8, 16, 16), context_slices=1).eval()
    torch.nn.init.normal_(narrow.enhancement.weight, std=0.02)
    wide = ResidualGenerator(channels=(8, 16, 16), context_slices=3).eval()
    wide.load_state_dict(narrow.state_dict())
    slices = torch.rand(1, 7, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(wide(slices), narrow(slices[:, 2:5]))


def test_weights_of_more_neighbours_are_refused():
    wide = ResidualGenerator(channels=(8, 16, 16), context_slices=2)
    with pytest.raises(RuntimeError, match="size mismatch"):
        ResidualGenerator(channels=(8, 16, 16), context_slices=1).load_state_dict(wide.state_dict())


@pytest.mark.parametrize("windows_hu", [[], [[-160, 240]]])
def test_weights_of_other_windows_are_refused(windows_hu):
    other = ResidualGenerator(channels=(8, 16, 16), windows_hu=windows_hu, context_slices=1)
    with pytest.raises(RuntimeError, match="size mismatch"):
        ResidualGenerator(channels=(8, 16, 16), context_slices=3).load_state_dict(other.state_dict())


@pytest.fixture
def generator_with_context() -> ResidualGenerator:
    """Three slices and two channels of a context map."""
    torch.manual_seed(0)
    generator = ResidualGenerator(channels=(8, 16, 16), context_slices=1, context_channels=2, norm=None).eval()
    torch.nn.init.normal_(generator.enhancement.weight, std=0.1)
    return generator


def test_untrained_network_gives_back_the_middle_slice_and_no_context():
    seen = torch.rand(1, 5, 32, 32)
    generator = ResidualGenerator(channels=(8, 16, 16), context_slices=1, context_channels=2)
    assert torch.equal(generator(seen), seen[:, 1, None])


def test_the_context_map_changes_the_enhancement(generator_with_context):
    seen = torch.rand(1, 5, 32, 32)
    elsewhere = torch.cat((seen[:, :3], 1 - seen[:, 3:]), dim=1)
    with torch.inference_mode():
        assert (generator_with_context(seen) - generator_with_context(elsewhere)).abs().max() > 1e-4


def test_the_context_map_counts_at_its_own_place(generator_with_context):
    seen = torch.rand(1, 5, 32, 128)
    elsewhere = seen.clone()
    elsewhere[:, 3:, :, 96:] = 0
    with torch.inference_mode():
        torch.testing.assert_close(generator_with_context(seen)[..., :32], generator_with_context(elsewhere)[..., :32])


def test_odd_sides_come_back_with_a_context_map(generator_with_context):
    assert generator_with_context(torch.rand(1, 5, 45, 51)).shape == (1, 1, 45, 51)
