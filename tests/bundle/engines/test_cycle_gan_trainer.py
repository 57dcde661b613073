import pytest
import torch
from monai.inferers import SimpleInferer
from torch import nn

from scripts.engines import CycleGANTrainer
from scripts.losses import CycleGANLoss, LeastSquaresLoss
from scripts.networks import PatchDiscriminator, ResidualGenerator

pytestmark = pytest.mark.slow


@pytest.fixture
def networks() -> dict[str, nn.Module]:
    torch.manual_seed(0)
    return {
        "generator": ResidualGenerator(channels=(8, 16, 16)),
        "backward_generator": ResidualGenerator(channels=(8, 16, 16)),
        "discriminator": PatchDiscriminator(base_channels=4),
        "ncct_discriminator": PatchDiscriminator(base_channels=4),
    }


def train(networks: dict[str, nn.Module], steps: int = 3) -> dict[str, torch.Tensor]:
    there, back, discriminator, ncct_discriminator = networks.values()
    slices = {"ncct": torch.rand(2, 1, 64, 64) - 0.5, "cta": torch.rand(2, 1, 64, 64)}
    adversarial = LeastSquaresLoss()
    trainer = CycleGANTrainer(
        device=torch.device("cpu"),
        max_epochs=1,
        train_data_loader=[slices] * steps,
        **networks,
        registration=None,
        warp=nn.Identity(),
        generator_optimizer=torch.optim.Adam([*there.parameters(), *back.parameters()], lr=0.01),
        discriminator_optimizer=torch.optim.Adam([*discriminator.parameters(), *ncct_discriminator.parameters()]),
        generator_loss=CycleGANLoss(adversarial, {"adversarial": 1.0, "cycle": 10.0, "identity": 5.0}),
        adversarial_loss=adversarial,
        inferer=SimpleInferer(),
    )
    trainer.run()
    return trainer.state.output


@pytest.mark.parametrize("name", ["generator", "backward_generator", "discriminator", "ncct_discriminator"])
def test_every_network_learns(networks, name):
    before = nn.utils.parameters_to_vector(networks[name].parameters()).detach().clone()
    train(networks)
    assert not torch.equal(nn.utils.parameters_to_vector(networks[name].parameters()), before)


def test_each_generator_runs_once_for_each_of_its_three_slices(networks):
    calls = []
    for name in ("generator", "backward_generator"):
        networks[name].register_forward_hook(lambda *_, name=name: calls.append(name))
    train(networks, steps=1)
    assert sorted(calls) == ["backward_generator"] * 3 + ["generator"] * 3
