import pytest
import torch
from monai.inferers import SimpleInferer
from monai.networks.blocks import Warp
from torch import nn

from scripts.engines import PairedGANTrainer
from scripts.losses import FlowSmoothnessLoss, HighlightLoss, LeastSquaresLoss
from scripts.networks import PatchDiscriminator, RegistrationNetwork, ResidualGenerator

STEPS = 30


def batches() -> list[dict[str, torch.Tensor]]:
    """The same slice again and again: a square, bright in the CTA."""
    ncct = torch.zeros(1, 1, 64, 64)
    ncct[..., 20:40, 20:40] = 0.1
    cta = torch.zeros(1, 1, 64, 64)
    cta[..., 20:40, 20:40] = 0.4
    return [{"ncct": ncct, "cta": cta}] * STEPS


@pytest.fixture
def networks() -> dict[str, nn.Module]:
    torch.manual_seed(0)
    return {
        "generator": ResidualGenerator(channels=(8, 16, 16)),
        "registration": RegistrationNetwork(channels=(8, 8), bottleneck_channels=8, bottleneck_blocks=1),
        "discriminator": PatchDiscriminator(base_channels=4),
    }


def train(networks: dict[str, nn.Module]) -> dict[str, torch.Tensor]:
    generator, registration, discriminator = networks.values()
    trainer = PairedGANTrainer(
        device=torch.device("cpu"),
        max_epochs=1,
        train_data_loader=batches(),
        **networks,
        warp=Warp(mode="bilinear", padding_mode="border"),
        generator_optimizer=torch.optim.Adam([*generator.parameters(), *registration.parameters()], lr=0.005),
        discriminator_optimizer=torch.optim.Adam(discriminator.parameters(), lr=0.001),
        similarity_loss=nn.L1Loss(),
        smoothness_loss=FlowSmoothnessLoss(),
        adversarial_loss=LeastSquaresLoss(),
        highlight_loss=HighlightLoss((-2000, 2095)),
        similarity_weight=20,
        smoothness_weight=10,
        adversarial_weight=0.1,
        highlight_weight=0,
        inferer=SimpleInferer(),
    )
    trainer.run()
    return trainer.state.output


def test_training_brings_the_synthetic_slice_towards_the_cta(networks):
    before = nn.functional.l1_loss(batches()[0]["ncct"], batches()[0]["cta"])
    assert train(networks)["similarity_loss"] < before / 2


def test_the_step_of_the_discriminator_leaves_the_generator_alone(networks):
    output = train(networks)
    assert not output["synthetic"].requires_grad
    assert all(parameter.requires_grad for parameter in networks["discriminator"].parameters())
