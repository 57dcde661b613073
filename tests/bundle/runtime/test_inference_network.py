"""A network run by OpenVINO gives PyTorch's values; what OpenVINO cannot run, PyTorch does."""

import logging

import pytest
import torch
from torch import nn

from scripts.networks import AlterationSpread, ContextNetwork, PaperGenerator, ResidualGenerator
from scripts.runtime import InferenceNetwork, conversion_cache, openvino_network

pytestmark = pytest.mark.slow

HU_PER_UNIT = 2047.5
CHANNELS = 3


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Each test converts for itself."""
    monkeypatch.setenv(conversion_cache.FOLDER_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def generator() -> ResidualGenerator:
    """A small one whose enhancement is not zero."""
    torch.manual_seed(0)
    network = ResidualGenerator(channels=(8, 8, 8), res_units=1, context_slices=1)
    nn.init.normal_(network.enhancement.weight)
    return network.eval()


def volume_network() -> nn.Sequential:
    """3-D, several channels in and out, batch norm."""
    torch.manual_seed(0)
    convolution = nn.Conv3d(2, 4, 3, padding=1)
    return nn.Sequential(convolution, nn.BatchNorm3d(4), nn.ReLU(), nn.AvgPool3d(2), nn.Upsample(scale_factor=2)).eval()


class Bessel(nn.Module):
    """An operation that OpenVINO does not know."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Apply it."""
        return torch.special.bessel_j1(batch)


class Guess(nn.Module):
    """Takes a turn that depends on the size, which a trace cannot see."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Add the width, written in as a number."""
        return batch + float(batch.shape[-1])


def slices(batch: int, rows: int, columns: int) -> torch.Tensor:
    """Normalised slices with their neighbours."""
    return torch.rand(batch, CHANNELS, rows, columns, generator=torch.Generator().manual_seed(1)) * 2 - 1


@torch.inference_mode()
@pytest.mark.parametrize("shape", [(1, 64, 96), (5, 100, 73)])
def test_openvino_gives_the_values_of_pytorch(shape):
    network = generator()
    found = InferenceNetwork(network, "openvino")(slices(*shape))
    torch.testing.assert_close(found, network(slices(*shape)), rtol=0, atol=0.05 / HU_PER_UNIT)


@torch.inference_mode()
def test_sizes_may_change_from_call_to_call():
    network = generator()
    engine = InferenceNetwork(network, "openvino")
    for rows in (64, 80, 96, 112, 128, 64):
        found, expected = engine(slices(2, rows, 64)), network(slices(2, rows, 64))
        torch.testing.assert_close(found, expected, rtol=0, atol=0.05 / HU_PER_UNIT)


@torch.inference_mode()
def test_a_network_that_gave_its_memory_back_runs_again():
    engine = InferenceNetwork(generator(), "openvino")
    before = engine(slices(1, 64, 64))
    engine.release()
    assert torch.equal(engine(slices(1, 64, 64)), before)


@torch.inference_mode()
def test_a_volume_network_of_several_channels_is_run_too():
    network, volume = volume_network(), torch.rand(1, 2, 20, 30, 40)
    found = InferenceNetwork(network, "openvino")(volume)
    torch.testing.assert_close(found, network(volume), rtol=1e-5, atol=1e-5)


@torch.inference_mode()
def test_the_context_network_is_run_too():
    torch.manual_seed(0)
    network = ContextNetwork(channels=(4, 4, 8), res_units=1).eval()
    sides = [5 * network.multiple, 6 * network.multiple, 7 * network.multiple]
    volume = torch.rand(1, 1, *sides) * 2 - 1
    found = InferenceNetwork(network, "openvino")(volume)
    torch.testing.assert_close(found, network(volume), rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_the_papers_generator_is_run_too():
    network = PaperGenerator(base_channels=8, blocks=2).eval()
    engine = InferenceNetwork(network, "openvino")
    found = engine(slices(1, 66, 70)[:, :1])
    torch.testing.assert_close(found, network(slices(1, 66, 70)[:, :1]), rtol=0, atol=1 / HU_PER_UNIT)


@torch.inference_mode()
def test_the_uncertainty_runs_the_network_by_openvino():
    network = generator()
    engine = InferenceNetwork(network, "openvino")
    found, expected = (AlterationSpread(each)(slices(1, 64, 64)) for each in (engine, network))
    torch.testing.assert_close(found, expected, rtol=0, atol=0.1 / HU_PER_UNIT)


@torch.inference_mode()
def test_on_the_cpu_auto_is_openvino():
    engine = InferenceNetwork(generator())
    engine(slices(1, 64, 64))
    assert engine.engine_name.startswith("openvino ")


@torch.inference_mode()
def test_torch_stays_torch():
    engine = InferenceNetwork(generator(), "torch")
    engine(slices(1, 64, 64))
    assert engine.engine_name == f"torch {torch.__version__}"


@torch.inference_mode()
@pytest.mark.parametrize("network", [Bessel(), Guess()], ids=["unknown operation", "other values"])
def test_what_openvino_cannot_run_pytorch_does(network, caplog):
    engine, batch = InferenceNetwork(network.eval()), slices(2, 128, 128)
    with caplog.at_level(logging.WARNING):
        torch.testing.assert_close(engine(batch), network(batch))
    assert "OpenVINO cannot run" in caplog.text


@torch.inference_mode()
def test_openvino_alone_is_an_error_where_it_cannot():
    with pytest.raises(RuntimeError, match="OpenVINO cannot run Bessel"):
        InferenceNetwork(Bessel().eval(), "openvino")(slices(1, 64, 64))


def test_an_unknown_engine_is_refused():
    with pytest.raises(ValueError, match="auto, torch, openvino, found 'tpu'"):
        InferenceNetwork(generator(), "tpu")


@torch.inference_mode()
def test_weights_loaded_later_are_converted_anew():
    network = generator()
    engine = InferenceNetwork(network, "openvino")
    engine(slices(1, 64, 64))
    network.load_state_dict({name: 2 * values for name, values in network.state_dict().items()})
    torch.testing.assert_close(engine(slices(1, 64, 64)), network(slices(1, 64, 64)), rtol=0, atol=1 / HU_PER_UNIT)


@torch.inference_mode()
def test_a_second_process_takes_the_conversion_from_the_cache(monkeypatch):
    first = InferenceNetwork(generator(), "openvino")(slices(1, 64, 64))
    monkeypatch.setattr(openvino_network, "_convert", None)
    torch.testing.assert_close(InferenceNetwork(generator(), "openvino")(slices(1, 64, 64)), first, rtol=0, atol=0)


@torch.inference_mode()
@pytest.mark.parametrize("changed", ["weight", "window", "code"])
def test_another_network_is_never_taken_from_the_cache(changed, monkeypatch):
    InferenceNetwork(generator(), "openvino")(slices(1, 64, 64))
    network = generator()
    if changed == "weight":
        network.enhancement.bias.add_(0.001)
    elif changed == "window":
        network.windows_norm[0] = (-0.5, 0.5)
    else:
        network.__class__ = type("ResidualGenerator", (ResidualGenerator,), {"__module__": __name__})
    monkeypatch.setattr(openvino_network, "_convert", None)
    with pytest.raises(RuntimeError, match="'NoneType' object is not callable"):
        InferenceNetwork(network, "openvino")(slices(1, 64, 64))


@torch.inference_mode()
def test_a_damaged_conversion_is_made_anew(cache):
    expected = InferenceNetwork(generator(), "openvino")(slices(1, 64, 64))
    (weights,) = cache.rglob("network.bin")
    damaged = bytearray(weights.read_bytes())
    damaged[100] ^= 0x40
    weights.write_bytes(damaged)
    torch.testing.assert_close(InferenceNetwork(generator(), "openvino")(slices(1, 64, 64)), expected, rtol=0, atol=0)


@torch.inference_mode()
def test_a_cache_that_cannot_be_written_stops_no_run(cache):
    cache.write_text("a file where the folder should be")
    network = generator()
    found = InferenceNetwork(network, "openvino")(slices(1, 64, 64))
    torch.testing.assert_close(found, network(slices(1, 64, 64)), rtol=0, atol=0.05 / HU_PER_UNIT)


def test_in_training_mode_and_with_gradients_pytorch_runs_it():
    engine = InferenceNetwork(generator(), "openvino")
    assert engine(slices(1, 64, 64)).requires_grad
