"""The learning-rate schedule of CTA-GAN."""

import torch
from torch.optim.lr_scheduler import LambdaLR


class LinearDecay(LambdaLR):
    """Keeps the rate for some epochs, then lets it fall linearly to zero at the end.

    A resumed run takes the epoch from its checkpoint, but rates and lengths from its own settings, so that a run can be
    prolonged or slowed down.

    Args:
        optimizer: whose rates to schedule.
        constant_epochs: epochs at the full rate.
        max_epochs: epochs of the whole run.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, constant_epochs: int, max_epochs: int) -> None:
        falling_epochs = max(1, max_epochs - constant_epochs)

        def factor(epoch: int) -> float:
            return min(1.0, max(0.0, (max_epochs - epoch) / falling_epochs))

        self._factor = factor
        super().__init__(optimizer, factor)

    def state_dict(self) -> dict[str, int]:
        return {"last_epoch": self.last_epoch}

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        self.last_epoch = state_dict["last_epoch"]
        for group, base_lr in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = base_lr * self._factor(self.last_epoch)
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]
