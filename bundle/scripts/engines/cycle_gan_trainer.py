"""The training step of CycleGAN, the baseline that knows no pairs, as a MONAI trainer."""

from typing import Any

import torch
from torch import nn

from scripts.engines.paired_gan_trainer import PairedGANTrainer


class CycleGANTrainer(PairedGANTrainer):
    """Trains a generator for each direction and a discriminator for each side (Zhu et al., ICCV 2017).

    Without the paper's pool of earlier synthetic slices, which a resumed run could not restore.

    Args:
        backward_generator: CTA to synthetic NCCT; the generator optimiser has its parameters too.
        ncct_discriminator: judges NCCT slices; the discriminator optimiser has its parameters too.
        paired: arguments of `PairedGANTrainer`, without a registration network. The generator sees one slice alone: a
            synthetic NCCT has no neighbours. `generator_loss` is a `scripts.losses.CycleGANLoss`.
    """

    def __init__(self, backward_generator: nn.Module, ncct_discriminator: nn.Module, **paired: Any) -> None:
        super().__init__(**paired)
        self.backward_generator = backward_generator
        self.ncct_discriminator = ncct_discriminator

    def _forward(self, batchdata: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        images = super()._forward(batchdata)
        there, back = self.generator, self.backward_generator.train()
        with self._precision():
            images["synthetic_ncct"] = back(images["cta"])
            images["cycled_ncct"] = back(images["synthetic"])
            images["cycled_cta"] = there(images["synthetic_ncct"])
            images["same_cta"] = there(images["cta"])
            images["same_ncct"] = back(images["ncct"])
        return images

    def _synthetic_scores(self, images: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        return (
            self._scores_of_frozen(self.discriminator, images["synthetic"]),
            self._scores_of_frozen(self.ncct_discriminator, images["synthetic_ncct"]),
        )

    def _step_discriminator(self, images: dict[str, torch.Tensor]) -> torch.Tensor:
        loss = self._discriminator_loss(self.discriminator, images["synthetic"], images["cta"])
        loss = loss + self._discriminator_loss(self.ncct_discriminator, images["synthetic_ncct"], images["ncct"])
        self._step(self.discriminator_weight * loss, self.discriminator_optimizer)
        return loss
