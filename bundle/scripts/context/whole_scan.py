"""Runs the context network on a whole scan."""

import pickle
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import torch
from monai.data import MetaTensor
from monai.data.utils import compute_importance_map, dense_patch_slices
from torch import nn
from torch.nn import functional
from tqdm import tqdm

from scripts.context.coarse_scan import coarse_scan, slices_of
from scripts.hu_window import HUWindow
from scripts.organs import CONTEXT_ORGANS, Organ
from scripts.runtime.inference_network import Engine, InferenceNetwork

PROBABILITY_STEPS = 255
"""A map holds shares in steps of 1/255, since the map of a long scan would otherwise be as large as the scan."""


class WholeScanContext:
    """Makes the context map of a scan: the share of each class of `CONTEXT_ORGANS` in each coarse voxel.

    The network sees the whole plane of the body with air around it and a window of slices at a time, as it was trained.
    Its output does not depend on how much air the scan shows around the body.

    Args:
        network: the context network; it gives logits of `scripts.organs.Organ`.
        spacing_mm: (row, column, slice) of the voxels that it was trained on.
        hu_range: HU that -1 and 1 stand for.
        weights: file of its weights, read at the first scan; None for a network that has them.
        hu_floor: air.
        body_threshold_hu: what is brighter is body or table, and the plane is cropped to it.
        margin_mm: air kept around it.
        least_size: (slices, rows, columns) that the network sees at least: repeated end slices, and air.
        window_slices: seen at once.
        engine: what runs the network, as `scripts.runtime.InferenceNetwork` takes it.
        overlap: share of a window that it has in common with the next.
        multiple: sides are rounded up to a multiple of this, the network's stride.
        logit_offsets: added to logits, by the name of the class in `scripts.organs.Organ`: a class with a higher one is
            found more often, and others less. `python -m studies.context_offsets` measures what they do.
        amp: bfloat16.
        device: of the network; None: where it is.
        progress: show a progress bar over the windows.
    """

    MIN_SLICES = 8
    """With fewer coarse slices the network can hardly recognise where in the body it is."""

    def __init__(
        self,
        network: nn.Module,
        spacing_mm: Sequence[float],
        hu_range: Sequence[float],
        weights: str | Path | None = None,
        hu_floor: float = -1024,
        body_threshold_hu: float = -400,
        margin_mm: float = 16.0,
        least_size: Sequence[int] = (32, 160, 208),
        window_slices: int = 64,
        engine: Engine = "torch",
        overlap: float = 0.125,
        multiple: int = 16,
        logit_offsets: Mapping[str, float] | None = None,
        amp: bool = False,
        device: torch.device | str | None = None,
        progress: bool = False,
    ) -> None:
        self.network = network
        self.logit_offsets = class_offsets(logit_offsets or {})
        self.inference_network = InferenceNetwork(network, engine)
        self.spacing_mm = tuple(spacing_mm)
        self.window = HUWindow(hu_range)
        self.weights = None if weights is None else Path(weights)
        self.hu_floor = hu_floor
        self.body_threshold_hu = body_threshold_hu
        self.margin_mm = margin_mm
        self.least_size = tuple(least_size)
        self.window_slices = window_slices
        self.overlap = overlap
        self.multiple = multiple
        self.amp = amp
        self.device = torch.device(device or next(network.parameters()).device)
        self.progress = progress
        self._is_loaded = False

    def load(self) -> None:
        """Read the weights, unless that has been done.

        Raises:
            FileNotFoundError: when there are none.
            ValueError: when they do not fit the network.
        """
        if self.weights is None or self._is_loaded:
            return
        if not self.weights.is_file():
            raise FileNotFoundError(
                f"No weights of the context network at {self.weights}. Put them there, or set `context` to null for a "
                "generator that was trained without context maps."
            )
        try:
            self.network.load_state_dict(torch.load(self.weights, map_location="cpu", weights_only=True))
        except (RuntimeError, pickle.UnpicklingError, TypeError) as error:
            first = "\n".join(str(error).splitlines()[:3])
            raise ValueError(f"{self.weights} does not fit {type(self.network).__name__}.\n{first}") from error
        self._is_loaded = True

    def of_volume(self, volume: MetaTensor) -> torch.Tensor:
        """Make the map of a scan that is in memory as a whole, (1, X, Y, Z) in HU with its affine; see `__call__`."""
        return self([volume], slices_of(volume))

    def __call__(self, pieces: Iterable[MetaTensor], slices: int) -> torch.Tensor:
        """Make the map of a scan that comes in pieces.

        Args:
            pieces: consecutive slices of the scan from feet to head; see `coarse_scan`.
            slices: of the whole scan.

        Returns:
            Shares of `CONTEXT_ORGANS` in steps of 1/255, uint8, (C, rows, columns, slices): rows to posterior, columns
            to the left, slices to the head. Its outer faces are those of the scan.
        """
        self.load()
        coarse_hu = coarse_scan(pieces, slices, self.spacing_mm, self.hu_floor)  # (Z, H, W)
        view_hu, place, within = self._body(coarse_hu)
        shares = self._class_probabilities(self.window.to_norm(view_hu))[(slice(None), *within)]  # (C, z, h, w)
        self.inference_network.release()  # the generator runs next and needs the memory
        context_map = torch.zeros(len(CONTEXT_ORGANS), *coarse_hu.shape, dtype=torch.uint8)
        context_map[(slice(None), *place)] = shares
        return context_map.movedim(1, -1)  # slices lie together in memory, since they are read a few at a time

    def warnings_about(self, context_map: torch.Tensor) -> list[str]:
        """Warnings about a map that `__call__` has made."""
        slices = context_map.shape[-1]
        if slices >= self.MIN_SLICES:
            return []
        return [
            f"The scan shows {slices * self.spacing_mm[2]:.0f} mm along the body, less than the "
            f"{self.MIN_SLICES * self.spacing_mm[2]:.0f} mm that the context network needs to find the position in "
            "the body. Vessels may be missing or wrong."
        ]

    def _body(self, coarse_hu: torch.Tensor) -> tuple[torch.Tensor, tuple[slice, ...], tuple[slice, ...]]:
        """Cut out the body with air around it.

        Returns:
            What the network is to see, (Z', H', W'); which part of the scan lies in it; and where it lies there.
        """
        body = coarse_hu.amax(dim=0) > self.body_threshold_hu  # (H, W)
        if not body.any():
            body = torch.ones_like(body)
        depth, least_depth = len(coarse_hu), self.least_size[0]
        seen_depth = -(-max(depth, least_depth) // self.multiple) * self.multiple
        below = (seen_depth - depth) // 2
        levels = (torch.arange(seen_depth) - below).clamp(0, depth - 1)  # end slices are repeated
        place, within, sides = [slice(0, depth)], [slice(below, below + depth)], []
        for axis in (0, 1):
            occupied = body.any(dim=1 - axis).nonzero().flatten()
            margin = round(self.margin_mm / self.spacing_mm[axis])
            extent = int(occupied[-1] - occupied[0]) + 1 + 2 * margin
            side = -(-max(extent, self.least_size[1 + axis]) // self.multiple) * self.multiple
            # The network's strides are counted from the body's edge, however wide the body is.
            start = int(occupied[0]) - margin - (side - extent) // 2 // self.multiple * self.multiple
            inside = slice(max(start, 0), min(start + side, coarse_hu.shape[1 + axis]))
            place.append(inside)
            within.append(slice(inside.start - start, inside.stop - start))
            sides.append(side)
        view_hu = torch.full((seen_depth, *sides), float(self.hu_floor))
        view_hu[:, within[1], within[2]] = coarse_hu[levels][:, place[1], place[2]]
        return view_hu, tuple(place), tuple(within)

    def _class_probabilities(self, view_norm: torch.Tensor) -> torch.Tensor:
        """Run the network, window by window: (Z, H, W) to shares in steps of 1/255, uint8 (C, Z, H, W).

        Windows overlap in their slices and are blended by a Gaussian, as by MONAI's `SlidingWindowInferer`. That keeps
        float32 of the whole scan; here slices are finished as soon as no further window shows them.
        """
        self.inference_network.eval().to(self.device)
        depth, length = len(view_norm), min(self.window_slices, len(view_norm))
        steps = (max(1, int(length * (1 - self.overlap))),)
        starts = [window.start for (window,) in dense_patch_slices((depth,), (length,), steps)]
        weights = compute_importance_map((length,), mode="gaussian", sigma_scale=0.125)[:, None, None]  # (length, 1, 1)
        result = torch.empty(len(CONTEXT_ORGANS), *view_norm.shape, dtype=torch.uint8)
        open_shares = torch.zeros(len(CONTEXT_ORGANS), length, *view_norm.shape[1:])
        open_weights = torch.zeros(length, 1, 1)
        with torch.no_grad(), torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.amp):
            bar = tqdm(starts, desc="context", unit="window", disable=not self.progress)
            for start, following in zip(bar, [*starts[1:], depth], strict=True):
                window_norm = view_norm[None, None, start : start + length].to(self.device)
                open_shares += self._window_probabilities(window_norm)[0].cpu() * weights
                open_weights += weights
                done = min(following - start, length)
                finished = open_shares[:, :done] / open_weights[:done]
                result[:, start : start + done] = finished.mul_(PROBABILITY_STEPS).round_().to(torch.uint8)
                for values in (open_shares.movedim(1, 0), open_weights):  # the next window begins at its first slice
                    values[: length - done] = values[done:].clone()
                    values[length - done :] = 0
        return result

    def _window_probabilities(self, window_norm: torch.Tensor) -> torch.Tensor:
        """Shares rather than logits, and of the chosen classes alone: nothing else of a window is needed."""
        logits = self.inference_network(window_norm).float()  # (B, classes, D, H, W)
        logits = logits + self.logit_offsets.to(logits.device).view(1, -1, 1, 1, 1)
        return functional.softmax(logits, dim=1)[:, list(CONTEXT_ORGANS)]


def class_offsets(by_name: Mapping[str, float]) -> torch.Tensor:
    """Offset of each class of `scripts.organs.Organ`, (classes,), from those that are named.

    Raises:
        ValueError: there is no such class.
    """
    if unknown := sorted(set(by_name) - set(Organ.__members__)):
        raise ValueError(f"logit_offsets: no class {', '.join(unknown)}; there are {', '.join(Organ.__members__)}.")
    return torch.tensor([float(by_name.get(organ.name, 0.0)) for organ in Organ])
