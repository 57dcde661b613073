"""The training step of CTA-GAN on misaligned pairs, as a MONAI trainer."""

from collections.abc import Iterable, Sequence

import torch
from ignite.engine import Engine
from monai.engines import Trainer
from monai.inferers import Inferer
from torch import nn


class PairedGANTrainer(Trainer):
    """Trains generator, registration network and discriminator (Lyu et al. 2023, stage 1).

    MONAI's `AdversarialTrainer` takes the input for the real image; here the real image is the acquired CTA, and the
    registration network stands between the synthetic image and the voxel loss.

    Args:
        device: where the networks live.
        max_epochs: epochs to run.
        train_data_loader: gives dictionaries with "ncct" and "cta", normalised slices (B, 1, H, W).
        generator: G, NCCT to synthetic CTA.
        registration: R, (synthetic, acquired) to a flow in pixels.
        discriminator: D, slices to scores.
        warp: warps a slice by a flow in pixels.
        generator_optimizer: optimiser of G and R together.
        discriminator_optimizer: optimiser of D.
        similarity_loss: compares the warped synthetic with the acquired CTA.
        smoothness_loss: of the flow.
        adversarial_loss: of scores and whether they belong to real slices.
        highlight_loss: compares warped and acquired where contrast makes bright; it sees the NCCT too.
        similarity_weight, smoothness_weight, adversarial_weight, highlight_weight: weights in the step of G and R.
        inferer: runs the generator on a batch.
        train_handlers: MONAI handlers.
        epoch_length: batches in an epoch; None for the loader's length.
        amp: run the networks in bfloat16.
    """

    def __init__(
        self,
        device: torch.device,
        max_epochs: int,
        train_data_loader: Iterable,
        generator: nn.Module,
        registration: nn.Module,
        discriminator: nn.Module,
        warp: nn.Module,
        generator_optimizer: torch.optim.Optimizer,
        discriminator_optimizer: torch.optim.Optimizer,
        similarity_loss: nn.Module,
        smoothness_loss: nn.Module,
        adversarial_loss: nn.Module,
        highlight_loss: nn.Module,
        similarity_weight: float,
        smoothness_weight: float,
        adversarial_weight: float,
        highlight_weight: float,
        inferer: Inferer,
        train_handlers: Sequence | None = None,
        epoch_length: int | None = None,
        amp: bool = False,
    ) -> None:
        # MONAI's `amp` means float16 with a gradient scaler on CUDA; bfloat16 needs no scaler and runs on CPUs too.
        super().__init__(
            device, max_epochs, train_data_loader, epoch_length, handlers=train_handlers, amp=False, decollate=False
        )
        self.generator = generator
        self.registration = registration
        self.discriminator = discriminator
        self.warp = warp
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        self.similarity_loss = similarity_loss
        self.smoothness_loss = smoothness_loss
        self.adversarial_loss = adversarial_loss
        self.highlight_loss = highlight_loss
        self.similarity_weight = similarity_weight
        self.smoothness_weight = smoothness_weight
        self.adversarial_weight = adversarial_weight
        self.highlight_weight = highlight_weight
        self.inferer = inferer
        self.mixed_precision = amp

    def _iteration(self, engine: Engine, batchdata: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Forward once, then one step of G and R, then one step of D.

        Returns:
            Losses as scalars, and the slices "ncct", "cta", "synthetic", "warped" (B, 1, H, W) and "flow_px"
            (B, 2, H, W), all detached.
        """
        device = engine.state.device
        ncct_norm = batchdata["ncct"].to(device, non_blocking=True)
        cta_norm = batchdata["cta"].to(device, non_blocking=True)
        for network in (self.generator, self.registration, self.discriminator):
            network.train()

        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=self.mixed_precision):
            synthetic_norm = self.inferer(ncct_norm, self.generator)
            flow_px = self.registration(synthetic_norm, cta_norm)
        warped_norm = self.warp(synthetic_norm, flow_px)

        images = {
            "ncct": ncct_norm, "cta": cta_norm, "synthetic": synthetic_norm, "warped": warped_norm, "flow_px": flow_px,
        }  # fmt: skip
        losses = self._step_generator(images)
        losses["discriminator_loss"] = self._step_discriminator(images)
        return {name: value.detach() for name, value in (losses | images).items()}

    def _step_generator(self, images: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        # D only judges here: without this its gradients would be computed and thrown away.
        self.discriminator.requires_grad_(False)
        similarity = self.similarity_loss(images["warped"], images["cta"])
        highlight = self.highlight_loss(images["warped"], images["cta"], images["ncct"])
        smoothness = self.smoothness_loss(images["flow_px"])
        adversarial = self.adversarial_loss(self._scores(images["synthetic"]), is_real=True)
        loss = (
            self.similarity_weight * similarity
            + self.highlight_weight * highlight
            + self.smoothness_weight * smoothness
            + self.adversarial_weight * adversarial
        )
        self.generator_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.generator_optimizer.step()
        return {
            "loss": loss,
            "similarity_loss": similarity,
            "highlight_loss": highlight,
            "smoothness_loss": smoothness,
            "adversarial_loss": adversarial,
        }

    def _step_discriminator(self, images: dict[str, torch.Tensor]) -> torch.Tensor:
        self.discriminator.requires_grad_(True)
        # Detached: this step must not reach G.
        loss_synthetic = self.adversarial_loss(self._scores(images["synthetic"].detach()), is_real=False)
        loss_real = self.adversarial_loss(self._scores(images["cta"]), is_real=True)
        loss = loss_synthetic + loss_real
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.discriminator_optimizer.step()
        return loss

    def _scores(self, slices_norm: torch.Tensor) -> torch.Tensor:
        with torch.autocast(slices_norm.device.type, dtype=torch.bfloat16, enabled=self.mixed_precision):
            return self.discriminator(slices_norm)
