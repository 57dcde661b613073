"""Training of one network on an endless stream of views: cosine rate, bfloat16, averaged weights."""

import copy
import logging
import math
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from scripts.files import save_whole

logger = logging.getLogger(__name__)


class ViewTrainer:
    """Trains until the steps or the minutes are over, whichever comes first.

    The learning rate rises over the first steps and then falls along a cosine to zero at the end, by the share of steps
    or of time that is over. The running average of the weights is kept.

    Averaged statistics of batch normalisation lag behind and do not belong to the averaged weights, so they are
    measured again at the end (Izmailov et al., UAI 2018, section 3.2).

    Args:
        network: takes "image", gives what the loss compares with "label".
        views: endless batches of "image" and "label" on the device.
        loss: of the network's answer and the label.
        path: file of the averaged weights.
        steps: at most.
        minutes: at most.
        learning_rate: the largest one, of AdamW.
        weight_decay: of AdamW.
        warm_up: steps until the rate is at its largest.
        decay: share of the average that stays at each step.
        amp: bfloat16.
        before_step: called with the step's number, such as to take in new data.
        report_every: steps between lines of the log.
        save_every: steps between two writes of the averaged weights.
        statistics_batches: batches over which the statistics are measured at the end; 0 keeps the network's own all the
            time, for the tuning of a trained network on few views.
    """

    def __init__(
        self,
        network: nn.Module,
        views: Iterable[dict[str, torch.Tensor]],
        loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
        path: Path | str,
        steps: int,
        minutes: float = math.inf,
        learning_rate: float = 2e-3,
        weight_decay: float = 1e-4,
        warm_up: int = 100,
        decay: float = 0.998,
        amp: bool = False,
        before_step: Callable[[int], None] | None = None,
        report_every: int = 50,
        save_every: int = 500,
        statistics_batches: int = 40,
    ) -> None:
        self.network = network
        self.views = views
        self.loss = loss
        self.path = Path(path)
        self.steps, self.minutes = steps, minutes
        self.learning_rate, self.warm_up = learning_rate, warm_up
        self.amp = amp
        self.before_step = before_step
        self.report_every, self.save_every, self.statistics_batches = report_every, save_every, statistics_batches
        self.optimizer = torch.optim.AdamW(network.parameters(), lr=learning_rate, weight_decay=weight_decay)
        self.average = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)

    def run(self) -> nn.Module:
        """Train, write the averaged weights and return the network that has them.

        Ctrl-C and SIGTERM end it after the step under way; the weights so far are written.

        Raises:
            SystemExit: with 128 + signal, when it was ended so.
        """
        with _noted_signals() as noted:
            self._train(noted)
            averaged = self._save()
        if noted:
            raise SystemExit(128 + noted[0])
        return averaged

    def _train(self, noted: list[int]) -> None:
        device = next(self.network.parameters()).device.type
        start, total = time.monotonic(), torch.zeros((), device=device)
        self._set_to_training()
        for step, batch in enumerate(self.views):
            over = max(step / self.steps, (time.monotonic() - start) / 60 / self.minutes)
            if over >= 1 or noted:
                break
            if self.before_step is not None:
                self.before_step(step)
            rate = min(1.0, (step + 1) / self.warm_up) * 0.5 * (1 + math.cos(math.pi * over))
            for group in self.optimizer.param_groups:
                group["lr"] = self.learning_rate * max(rate, 1e-3)
            self.optimizer.zero_grad(set_to_none=True)
            with torch.autocast(device, dtype=torch.bfloat16, enabled=self.amp):
                answer = self.network(batch["image"])
            loss = self.loss(answer, batch["label"])
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            # bfloat16 sometimes gives gradients that are NaN: such a step would spoil the weights
            for parameter in self.network.parameters():
                if parameter.grad is not None:
                    parameter.grad.mul_(torch.isfinite(norm)).nan_to_num_(0, 0, 0)
            self.optimizer.step()
            self.average.update_parameters(self.network)
            total += loss.detach()
            if (step + 1) % self.report_every == 0:
                minutes = (time.monotonic() - start) / 60
                mean = float(total) / self.report_every
                logger.info("step %d, %.1f min (%.0f %%): loss %.4f", step + 1, minutes, 100 * over, mean)
                total.zero_()
            if (step + 1) % self.save_every == 0:
                self._save()

    def _save(self) -> nn.Module:
        averaged = copy.deepcopy(self.average.module)
        if self.statistics_batches:
            self._renew_statistics(averaged)
        save_whole(averaged.state_dict(), self.path)
        return averaged

    def _set_to_training(self) -> None:
        self.network.train()
        if not self.statistics_batches:
            for module in _batch_norms(self.network):
                module.eval()

    @torch.no_grad()
    def _renew_statistics(self, network: nn.Module) -> None:
        """Measure mean and variance of every batch normalisation over further views."""
        for module in _batch_norms(network):
            module.reset_running_stats()
            module.momentum = None  # plain mean over all batches
        network.train()
        for _, batch in zip(range(self.statistics_batches), self.views, strict=False):
            network(batch["image"])
        network.eval()


@contextmanager
def _noted_signals() -> Iterator[list[int]]:
    """Note Ctrl-C and SIGTERM instead of ending at once. Ctrl-C again ends the process; SIGTERM may come twice.

    `scripts.handlers.StopSignal` does the same for trainings by ignite, where several processes stop together.
    """
    noted: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield noted
        return
    before: dict[int, signal._HANDLER] = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}

    def note(number: int, frame: FrameType | None) -> None:
        noted.append(number)
        if number == signal.SIGINT:
            signal.signal(number, before[number])

    for number in before:
        signal.signal(number, note)
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _batch_norms(network: nn.Module) -> Iterator[nn.modules.batchnorm._BatchNorm]:
    return (module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm))
