from typing import Any

import pytest
import torch
from monai.inferers import SimpleInferer
from monai.networks.blocks import Warp
from torch import nn

from scripts.engines import PairedGANTrainer
from scripts.losses import FlowSmoothnessLoss, GeneratorLoss, HighlightLoss, LeastSquaresLoss
from scripts.networks import PatchDiscriminator, RegistrationNetwork, ResidualGenerator

pytestmark = pytest.mark.slow

WEIGHTS = {"similarity": 20, "highlight": 0, "smoothness": 10, "adversarial": 0.1}


def batches(steps: int) -> list[dict[str, torch.Tensor]]:
    """The same slice again and again: a square, bright in the CTA."""
    ncct = torch.zeros(1, 1, 64, 64)
    ncct[..., 20:40, 20:40] = 0.1
    cta = torch.zeros(1, 1, 64, 64)
    cta[..., 20:40, 20:40] = 0.4
    return [{"ncct": ncct, "cta": cta}] * steps


@pytest.fixture
def networks() -> dict[str, nn.Module]:
    torch.manual_seed(0)
    return {
        "generator": ResidualGenerator(channels=(8, 16, 16)),
        "registration": RegistrationNetwork(channels=(8, 8), bottleneck_channels=8, bottleneck_blocks=1),
        "discriminator": PatchDiscriminator(base_channels=4),
    }


def train(
    networks: dict[str, nn.Module | None],
    steps: int = 1,
    weights: dict[str, float] = WEIGHTS,
    optimizer: type[torch.optim.Optimizer] = torch.optim.Adam,
    lr: float = 0.005,
    **settings: Any,
) -> dict[str, torch.Tensor]:
    """Run some steps; returns the last one's output."""
    generator, registration, discriminator = networks.values()
    adversarial = LeastSquaresLoss()
    trainer = PairedGANTrainer(
        device=torch.device("cpu"),
        max_epochs=1,
        train_data_loader=batches(steps),
        **networks,
        warp=Warp(mode="bilinear", padding_mode="border"),
        generator_optimizer=optimizer(
            [p for network in (generator, registration) if network is not None for p in network.parameters()], lr=lr
        ),
        discriminator_optimizer=None if discriminator is None else optimizer(discriminator.parameters(), lr=0.2 * lr),
        generator_loss=GeneratorLoss(
            nn.L1Loss(), HighlightLoss((-2000, 2095)), FlowSmoothnessLoss(), adversarial, weights
        ),
        adversarial_loss=adversarial,
        inferer=SimpleInferer(),
        **settings,
    )
    trainer.run()
    return trainer.state.output


def flat(network: nn.Module) -> torch.Tensor:
    return nn.utils.parameters_to_vector(network.parameters()).detach().clone()


@pytest.mark.parametrize("amp", [False, True])
def test_training_brings_the_synthetic_slice_towards_the_cta(networks, amp):
    before = nn.functional.l1_loss(batches(1)[0]["ncct"], batches(1)[0]["cta"])
    assert train(networks, steps=30, amp=amp)["similarity_loss"] < before / 2


def test_the_step_of_the_discriminator_leaves_the_generator_alone(networks):
    output = train(networks)
    assert not output["synthetic"].requires_grad
    assert all(parameter.requires_grad for parameter in networks["discriminator"].parameters())


def test_the_step_of_the_generator_leaves_the_discriminator_alone(networks):
    before = flat(networks["discriminator"])
    train(networks, discriminator_weight=0.0, optimizer=torch.optim.SGD)
    assert torch.equal(flat(networks["discriminator"]), before)


def test_the_generator_runs_once_in_a_step(networks):
    calls = []
    networks["generator"].register_forward_hook(lambda *_: calls.append(1))
    train(networks, steps=3)
    assert len(calls) == 3


def test_half_the_weight_is_half_the_step_of_the_discriminator(networks):
    start = {name: network.state_dict() for name, network in networks.items()}
    start = {name: {key: value.clone() for key, value in state.items()} for name, state in start.items()}
    moved = []
    for weight in (1.0, 0.5):
        for name, network in networks.items():
            network.load_state_dict(start[name])
        before = flat(networks["discriminator"])
        train(networks, discriminator_weight=weight, optimizer=torch.optim.SGD)
        moved.append(flat(networks["discriminator"]) - before)
    torch.testing.assert_close(moved[1], moved[0] / 2, rtol=1e-3, atol=1e-7)


def test_gradients_are_clipped_to_their_largest_norm(networks):
    generator, registration = networks["generator"], networks["registration"]
    before = torch.cat((flat(generator), flat(registration)))
    train(networks, optimizer=torch.optim.SGD, lr=1.0, clip_norm=0.01)
    moved = torch.cat((flat(generator), flat(registration))) - before
    assert moved.norm().item() == pytest.approx(0.01, rel=1e-2)


def test_without_registration_the_pairs_are_taken_as_aligned(networks):
    output = train(networks | {"registration": None}, steps=2)
    assert torch.equal(output["warped"], output["synthetic"])
    assert not output["flow_px"].any()


def test_without_discriminator_nothing_is_adversarial(networks):
    output = train(networks | {"discriminator": None}, steps=2)
    assert output["adversarial_loss"] == output["discriminator_loss"] == 0


def test_a_conditional_discriminator_sees_the_ncct_beside_the_slice(networks):
    seen = []
    conditional = PatchDiscriminator(base_channels=4, in_channels=2)
    conditional.register_forward_hook(lambda _, shown, __: seen.append(shown[0]))
    train(networks | {"discriminator": conditional}, conditional=True)
    by_generator, by_discriminator = seen
    assert torch.equal(by_generator[:, :1], batches(1)[0]["ncct"])
    assert torch.equal(by_discriminator[1:], torch.cat((batches(1)[0]["ncct"], batches(1)[0]["cta"]), dim=1))


def test_a_training_that_diverges_stops_and_says_where(networks):
    nn.init.constant_(networks["generator"].enhancement.bias, float("nan"))
    with pytest.raises(FloatingPointError, match="at step 1"):
        train(networks)
