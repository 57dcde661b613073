"""Runs a 2-D network over the axial slices of volumes, in windows that cover whole slices where they can."""

from collections.abc import Callable
from functools import partial

import torch
from monai.inferers import Inferer, SlidingWindowInferer
from torch import nn
from torch.nn import functional
from tqdm import tqdm


def mixed_precision_pays(device: torch.device | str) -> bool:
    """Whether bfloat16 is faster: on GPUs that have it in hardware, and on CPUs with matrix units (AMX)."""
    kind = torch.device(device).type
    if kind == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    # torch has no public function to detect AMX; without it bfloat16 gains nothing here.
    return kind == "cpu" and torch.cpu._is_amx_tile_supported()


class AxialSliceInferer(Inferer):
    """Sliding-window inference over 2-D slices, cropped to the body.

    The slices are cropped to the common bounding box of the body; one window covers the slice up to `max_window_px` a
    side, above that several windows are blended by MONAI's `SlidingWindowInferer`. Outside the box the result is the
    input. A few slices go through the network at a time.

    Args:
        max_window_px: longest side of a window; a power of two suits the networks.
        multiple_px: windows are rounded up to a multiple of this; slices are padded with their edge.
        context_slices: neighbours that the network sees on each side of a slice, as channels; at the ends of the volume
            its last slice is repeated.
        overlap: share of a window that it has in common with the next.
        batch_slices: slices given to the network at once.
        body_threshold: normalised value above which a pixel belongs to the body, the table or a coil; None for whole
            slices.
        body_margin_px: margin kept around the body.
        amp: bfloat16 inside the network; both generators keep their last layer in float32, the residual one its
            sum too.
        device: device of the network; the volume may live elsewhere. None: where the volume is.
        progress: show a progress bar over the batches.
    """

    def __init__(
        self,
        max_window_px: int = 768,
        multiple_px: int = 32,
        context_slices: int = 0,
        overlap: float = 0.25,
        batch_slices: int = 4,
        body_threshold: float | None = None,
        body_margin_px: int = 16,
        amp: bool = False,
        device: torch.device | str | None = None,
        progress: bool = False,
    ) -> None:
        super().__init__()
        if max_window_px % multiple_px:
            raise ValueError(f"max_window_px must be a multiple of {multiple_px}, found {max_window_px}.")
        self.max_window_px = max_window_px
        self.multiple_px = multiple_px
        self.context_slices = context_slices
        self.overlap = overlap
        self.batch_slices = batch_slices
        self.body_threshold = body_threshold
        self.body_margin_px = body_margin_px
        self.amp = amp
        self.device = device
        self.progress = progress

    def __call__(
        self,
        inputs: torch.Tensor,
        network: nn.Module,
        brightest: torch.Tensor | None = None,
        context: torch.Tensor | None = None,
        wanted: range | None = None,
    ) -> torch.Tensor:
        """Synthesise volumes.

        Args:
            inputs: normalised volumes, shape (B, 1, H, W, D), D the slice axis.
            network: takes slices of shape (b, 2 * context_slices + 1 + C, h, w), gives (b, 1, h, w).
            brightest: where the volumes are slabs of a longer one, the largest value over all slices of that, shape
                (H, W): every slab is cropped to the same box.
            context: map of the context network for these slices, shape (B, C, h, w, D), which has the outer faces of
                the volumes in the plane and coarser pixels; its channels follow the neighbours. None: C is 0.
            wanted: slices to synthesise; the others serve as neighbours, and the result is the input there. None: all.

        Returns:
            Normalised synthetic volumes, float32, shape (B, 1, H, W, D).
        """
        synthetic_norm = inputs.float().clone()  # in the layout of the input, where slices may lie together
        inputs, result_norm = (volumes.as_subclass(torch.Tensor) for volumes in (inputs, synthetic_norm))
        rows, columns = self._body_box(inputs.amax(dim=(0, 1, 4)) if brightest is None else brightest)
        device = torch.device(self.device or inputs.device)
        body_px = rows.stop - rows.start, columns.stop - columns.start
        window_px = self._window_px(body_px[0]), self._window_px(body_px[1])
        is_one_window = window_px[0] >= body_px[0] and window_px[1] >= body_px[1]
        top, left = ((window_px[i] - body_px[i]) // 2 if is_one_window else 0 for i in (0, 1))
        in_rows, in_columns = slice(top, top + body_px[0]), slice(left, left + body_px[1])
        channels = 2 * self.context_slices + 1 + (0 if context is None else context.shape[1])
        # One buffer for all batches: new ones cost as much as a tenth of the network.
        seen = inputs.new_empty(self.batch_slices, channels, *(window_px if is_one_window else body_px))
        covered = self._covered(network, window_px, is_one_window=is_one_window)
        wanted = range(inputs.shape[-1]) if wanted is None else wanted
        places = [(case, first) for case in range(len(inputs)) for first in wanted[:: self.batch_slices]]
        for case, first in tqdm(places, desc="slices", unit="batch", disable=not self.progress):
            last = min(first + self.batch_slices, wanted.stop)
            batch = seen[: last - first]  # (b, 2 n + 1 + C, h, w)
            body = batch[..., in_rows, in_columns]
            self._put_neighbours(body, inputs[case, 0, rows, columns], range(first, last))
            if context is not None:
                on_pixels = self._on_pixels(context[case, ..., first:last], inputs.shape[2:4])
                body[:, 2 * self.context_slices + 1 :] = on_pixels[..., rows, columns]
            _repeat_edges(batch, in_rows, in_columns)
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=self.amp):
                slices = covered(batch.to(device))[..., in_rows, in_columns]  # (b, 1, h, w)
            result_norm[case, 0, rows, columns, first:last] = slices[:, 0].movedim(0, -1)
        return synthetic_norm

    def _covered(
        self, network: nn.Module, window_px: tuple[int, int], *, is_one_window: bool
    ) -> Callable[[torch.Tensor], torch.Tensor]:
        """The network for slices of any size: as it is where a window covers them, else in blended windows."""
        if is_one_window:
            return network
        windows = SlidingWindowInferer(
            roi_size=window_px,
            sw_batch_size=self.batch_slices,
            overlap=self.overlap,
            mode="gaussian",
            padding_mode="replicate",
        )
        return partial(windows, network=network)

    def _put_neighbours(self, batch: torch.Tensor, volume: torch.Tensor, slices: range) -> None:
        """Write slices of a volume (h, w, D) with their neighbours into the first channels of a batch (b, c, h, w)."""
        last = volume.shape[-1] - 1
        for i, index in enumerate(slices):
            for channel in range(2 * self.context_slices + 1):
                batch[i, channel] = volume[..., min(max(index + channel - self.context_slices, 0), last)]

    @staticmethod
    def _on_pixels(context: torch.Tensor, size: torch.Size) -> torch.Tensor:
        """The context of some slices (C, h, w, b) on their pixels, (b, C, H, W)."""
        return functional.interpolate(context.movedim(-1, 0).float(), tuple(size), mode="bilinear", align_corners=False)

    def _window_px(self, side_px: int) -> int:
        return min(self.max_window_px, -(-side_px // self.multiple_px) * self.multiple_px)

    def _body_box(self, brightest: torch.Tensor) -> tuple[slice, slice]:
        height, width = brightest.shape
        if self.body_threshold is None:
            return slice(0, height), slice(0, width)
        body = brightest > self.body_threshold  # (H, W)
        if not body.any():
            return slice(0, height), slice(0, width)
        row_px = body.any(dim=1).nonzero().flatten()
        column_px = body.any(dim=0).nonzero().flatten()
        margin = self.body_margin_px
        return (
            slice(max(0, int(row_px[0]) - margin), min(height, int(row_px[-1]) + 1 + margin)),
            slice(max(0, int(column_px[0]) - margin), min(width, int(column_px[-1]) + 1 + margin)),
        )


def _repeat_edges(batch: torch.Tensor, rows: slice, columns: slice) -> None:
    """Fill what lies around the given rows and columns of slices (b, c, h, w) with their edge."""
    batch[..., rows, : columns.start] = batch[..., rows, columns.start, None]
    batch[..., rows, columns.stop :] = batch[..., rows, columns.stop - 1, None]
    batch[..., : rows.start, :] = batch[..., rows.start, None, :]
    batch[..., rows.stop :, :] = batch[..., rows.stop - 1, None, :]
