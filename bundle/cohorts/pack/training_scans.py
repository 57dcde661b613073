"""Packed pairs and streamed phantoms as the scans of a training on views."""

from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from cohorts.pack.patient_pack import PackedPatient, read_pack
from cohorts.phantom.stream import StreamedPhantom
from scripts.views.context_views import ContextViews, KnownScan, known_scan
from scripts.views.generator_views import GeneratorViews, PairedScan

_LARGEST_PHANTOM_WEIGHT = 0.2
"""The first phantoms are not shown over and over while the others are still being made."""


def read_packs(folder: Path | str) -> dict[str, PackedPatient]:
    """Read every pack of a folder, by patient.

    Raises:
        FileNotFoundError: when there is none.
    """
    paths = sorted(Path(folder).glob("*.pack"))
    if not paths:
        raise FileNotFoundError(f"No packed patient in {folder}: make some with python -m cohorts.pack.")
    with ProcessPoolExecutor(min(8, len(paths))) as pool:
        return dict(zip([path.stem for path in paths], pool.map(read_pack, paths), strict=True))


def add_known_scans(views: ContextViews, packs: Mapping[str, PackedPatient], weights: Mapping[str, float]) -> None:
    """Show packed patients to the context network; a patient without a weight has weight 1."""
    for patient, pack in packs.items():
        scan = known_scan(pack.ncct_hu, pack.possible, pack.spacing_mm, weights.get(patient, 1.0), views.device)
        views.scans.append(scan)


def add_paired_scans(views: GeneratorViews, packs: Mapping[str, PackedPatient], weights: Mapping[str, float]) -> None:
    """Show packed patients to the generator; a patient without a weight has weight 1."""
    for patient, pack in packs.items():
        views.scans.append(
            PairedScan(
                *(_volume(part, views.device) for part in (pack.ncct_hu, pack.enhancement_hu)),
                *(_volume(part, views.device) for part in (pack.possible, pack.known)),
                pack.spacing_mm,
                weights.get(patient, 1.0),
            )
        )


class PhantomShare:
    """Takes phantoms into the scans, so that together they are shown a fixed share of the time.

    Args:
        views: what shows them.
        share: of the views that show phantoms, once there are enough of them.
        most: phantoms at most; further ones are dropped.
    """

    def __init__(self, views: ContextViews | GeneratorViews, share: float, most: int) -> None:
        self.views, self.share, self.most = views, share, most
        self._phantoms = 0
        self._scan: Callable[[StreamedPhantom], KnownScan | PairedScan] = (
            self._known if isinstance(views, ContextViews) else self._paired
        )

    def __call__(self, phantom: StreamedPhantom) -> None:
        """Take one in."""
        if self._phantoms >= self.most:
            return
        scans = self.views.scans
        real = len(scans) - self._phantoms
        scans.append(self._scan(phantom))
        self._phantoms += 1
        real_weight = sum(scan.weight for scan in scans[:real])
        weight = min(_LARGEST_PHANTOM_WEIGHT, self.share / (1 - self.share) * real_weight / self._phantoms)
        scans[real:] = [replace(scan, weight=weight) for scan in scans[real:]]

    def _known(self, phantom: StreamedPhantom) -> KnownScan:
        return known_scan(phantom.ncct_hu, phantom.possible, phantom.spacing_mm, 0.0, self.views.device)

    def _paired(self, phantom: StreamedPhantom) -> PairedScan:
        volumes = (phantom.ncct_hu, phantom.enhancement_hu, phantom.possible, np.ones(phantom.ncct_hu.shape))
        parts = (_volume(part, self.views.device) for part in volumes)
        return PairedScan(*parts, phantom.spacing_mm, 0.0, noise_free=True)


def _volume(values: np.ndarray, device: torch.device) -> torch.Tensor:
    return torch.as_tensor(np.ascontiguousarray(values, dtype=np.float32), device=device)[None]  # (1, Z, Y, X)
