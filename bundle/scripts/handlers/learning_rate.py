"""The learning-rate schedule of CTA-GAN."""

import torch
from torch.optim.lr_scheduler import LambdaLR


def linear_decay(optimizer: torch.optim.Optimizer, constant_epochs: int, max_epochs: int) -> LambdaLR:
    """Keep the rate for some epochs, then let it fall linearly to zero at the end.

    Args:
        optimizer: whose rates to schedule.
        constant_epochs: epochs at the full rate.
        max_epochs: epochs of the whole run.
    """
    falling_epochs = max(1, max_epochs - constant_epochs)
    return LambdaLR(optimizer, lambda epoch: min(1.0, max(0.0, (max_epochs - epoch) / falling_epochs)))
