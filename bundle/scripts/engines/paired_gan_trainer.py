"""The training step of CTA-GAN on misaligned pairs, as a MONAI trainer."""

from collections.abc import Iterable, Sequence

import torch
from ignite.engine import Engine
from monai.engines import Trainer
from monai.inferers import Inferer
from torch import nn


class PairedGANTrainer(Trainer):
    """Trains generator, registration network and discriminator on pairs (Lyu et al. 2023, both stages).

    Without a registration network it is pix2pix, without a discriminator too it is plain regression. MONAI's
    `AdversarialTrainer` takes the input for the real image; here the real image is the acquired CTA, and the
    registration network stands between the synthetic image and the voxel loss.

    Args:
        device: where the networks live.
        max_epochs: epochs to run.
        train_data_loader: gives dictionaries with "ncct", normalised slices (B, 1 or more, H, W) with the slice itself
            in the middle of its neighbours, and "cta" (B, 1, H, W); with "context" (B, C, H, W) where the generator
            takes a context map after the slices.
        generator: G, NCCT to synthetic CTA.
        registration: R, (synthetic, acquired) to a flow in pixels; None takes the pairs as aligned.
        discriminator: D, slices to scores (B, scales); None for no adversarial loss.
        warp: warps a slice by a flow in pixels.
        generator_optimizer: optimiser of G and R together.
        discriminator_optimizer: optimiser of D.
        generator_loss: images and scores of D to the loss of G and R, a `scripts.losses.GeneratorLoss`.
        adversarial_loss: of scores and whether they belong to real slices, for D.
        discriminator_weight: weight of D's loss; 0.5 in stage 2.
        conditional: D sees the NCCT slice beside the CTA (pix2pix), as a second channel.
        clip_norm: largest norm of the gradients of each optimiser; None for no clipping.
        inferer: runs the generator on a batch.
        train_handlers: MONAI handlers.
        amp: run the networks in bfloat16.
    """

    def __init__(
        self,
        device: torch.device,
        max_epochs: int,
        train_data_loader: Iterable,
        generator: nn.Module,
        registration: nn.Module | None,
        discriminator: nn.Module | None,
        warp: nn.Module,
        generator_optimizer: torch.optim.Optimizer,
        discriminator_optimizer: torch.optim.Optimizer | None,
        generator_loss: nn.Module,
        adversarial_loss: nn.Module,
        inferer: Inferer,
        discriminator_weight: float = 1.0,
        conditional: bool = False,
        clip_norm: float | None = None,
        train_handlers: Sequence | None = None,
        amp: bool = False,
    ) -> None:
        # MONAI's `amp` means float16 with a gradient scaler on CUDA; bfloat16 needs no scaler and runs on CPUs too.
        super().__init__(device, max_epochs, train_data_loader, handlers=train_handlers, amp=False, decollate=False)
        self.generator = generator
        self.registration = registration
        self.discriminator = discriminator
        self.warp = warp
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        self.generator_loss = generator_loss
        self.adversarial_loss = adversarial_loss
        self.inferer = inferer
        self.discriminator_weight = discriminator_weight
        self.conditional = conditional
        self.clip_norm = clip_norm
        self.mixed_precision = amp

    def _iteration(self, engine: Engine, batchdata: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Forward once, then one step of G and R, then one step of D.

        Returns:
            Losses as scalars, and the slices "ncct", "cta", "synthetic", "warped" (B, 1, H, W) and "flow_px"
            (B, 2, H, W), all detached.
        """
        images = self._forward(batchdata)
        losses = self._step_generator(images)
        losses["discriminator_loss"] = self._step_discriminator(images)
        return {name: value.detach() for name, value in (losses | images).items()}

    def _forward(self, batchdata: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        device = self.state.device
        ncct_norm = batchdata["ncct"].to(device, non_blocking=True)  # (B, 2 n + 1, H, W)
        cta_norm = batchdata["cta"].to(device, non_blocking=True)
        seen = ncct_norm
        if "context" in batchdata:
            context = batchdata["context"].to(device, non_blocking=True)
            seen = torch.cat((ncct_norm, context), dim=1)  # (B, 2 n + 1 + C, H, W)
        self.generator.train()
        with self._precision():
            synthetic_norm = self.inferer(seen, self.generator)
        if self.registration is None:
            flow_px = synthetic_norm.new_zeros(len(synthetic_norm), 2, *synthetic_norm.shape[2:])
            warped_norm = synthetic_norm
        else:
            self.registration.train()
            with self._precision():
                flow_px = self.registration(synthetic_norm, cta_norm)
            warped_norm = self.warp(synthetic_norm, flow_px)
        middle = ncct_norm.shape[1] // 2
        return {
            "ncct": ncct_norm[:, middle, None],
            "cta": cta_norm,
            "synthetic": synthetic_norm,
            "warped": warped_norm,
            "flow_px": flow_px,
        }

    def _step_generator(self, images: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        losses = self.generator_loss(images, self._synthetic_scores(images))
        self._step(losses["loss"], self.generator_optimizer)
        return losses

    def _synthetic_scores(self, images: dict[str, torch.Tensor]) -> torch.Tensor | None:
        """Scores of the synthetic slices for the step of G."""
        if self.discriminator is None:
            return None
        inputs = self._discriminator_input(images["synthetic"], images["ncct"])
        return self._scores_of_frozen(self.discriminator, inputs)

    def _scores_of_frozen(self, discriminator: nn.Module, synthetic_norm: torch.Tensor) -> torch.Tensor:
        """Scores from a discriminator that stays as it is, (B, scales)."""
        # Frozen, or its gradients would be computed and thrown away; unwrapped, or DDP would wait for them.
        judge = getattr(discriminator, "module", discriminator).requires_grad_(False)
        with self._precision():
            scores = judge(synthetic_norm)
        judge.requires_grad_(True)
        return scores

    def _step_discriminator(self, images: dict[str, torch.Tensor]) -> torch.Tensor:
        if self.discriminator is None:
            return images["cta"].new_zeros(())
        synthetic_norm = self._discriminator_input(images["synthetic"], images["ncct"])
        real_norm = self._discriminator_input(images["cta"], images["ncct"])
        loss = self._discriminator_loss(self.discriminator, synthetic_norm, real_norm)
        self._step(self.discriminator_weight * loss, self.discriminator_optimizer)
        return loss

    def _discriminator_loss(
        self, discriminator: nn.Module, synthetic_norm: torch.Tensor, real_norm: torch.Tensor
    ) -> torch.Tensor:
        discriminator.train()
        shown = torch.cat((synthetic_norm.detach(), real_norm))  # (2 B, C, H, W); detached: this step must not reach G
        with self._precision():
            of_synthetic, of_real = discriminator(shown).chunk(2)
        return self.adversarial_loss(of_synthetic, is_real=False) + self.adversarial_loss(of_real, is_real=True)

    def _discriminator_input(self, slices_norm: torch.Tensor, ncct_norm: torch.Tensor) -> torch.Tensor:
        """What D sees of slices: (B, 1, H, W), or (B, 2, H, W) with their NCCT."""
        return torch.cat((ncct_norm, slices_norm), dim=1) if self.conditional else slices_norm

    def _step(self, loss: torch.Tensor, optimizer: torch.optim.Optimizer) -> None:
        if not torch.isfinite(loss):
            raise FloatingPointError(
                f"A loss is {loss.item()} at step {self.state.iteration}: the training has diverged. Resume from the "
                "last checkpoint with lower learning rates, or with --clip_norm 1."
            )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.clip_norm is not None:
            parameters = [p for group in optimizer.param_groups for p in group["params"]]
            torch.nn.utils.clip_grad_norm_(parameters, self.clip_norm)
        optimizer.step()

    def _precision(self) -> torch.autocast:
        return torch.autocast(self.state.device.type, dtype=torch.bfloat16, enabled=self.mixed_precision)
