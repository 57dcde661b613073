"""Packed pairs and streamed phantoms as the scans of a training on views."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from monai.data import MetaTensor

from cohorts.pack.patient_pack import HU_FLOOR, PackedPatient, read_pack
from cohorts.phantom.stream import StreamedPhantom
from scripts.context.whole_scan import PROBABILITY_STEPS, WholeScanContext
from scripts.views.context_views import ContextViews, LabelledScan, labelled_scan
from scripts.views.generator_views import GeneratorViews, PairedScan

_NOISE_HU = 12.0
"""Noise added to a scan before the context network is run on it."""

_LARGEST_PHANTOM_WEIGHT = 0.2
"""Limits how often the first phantoms are shown while the others are still being made."""


def read_packs(folder: Path | str) -> dict[str, PackedPatient]:
    """Read every pack of a folder, by patient.

    Raises:
        FileNotFoundError: when there is none.
    """
    paths = sorted(Path(folder).glob("*.pack"))
    if not paths:
        raise FileNotFoundError(f"No packed patients in {folder}: make them with python -m cohorts.pack.")
    with ProcessPoolExecutor(min(8, len(paths))) as pool:
        return dict(zip([path.stem for path in paths], pool.map(read_pack, paths), strict=True))


def add_labelled_scans(
    views: ContextViews,
    packs: Mapping[str, PackedPatient],
    weights: Mapping[str, float],
    slices: Mapping[str, Sequence[int]] | None = None,
) -> None:
    """Show packed patients to the context network.

    Args:
        views: what shows them.
        packs: patients by name.
        weights: how often each is shown; 1 where none is named.
        slices: first and last slice (exclusive) of what is shown of a patient, such as the neck; the other patients are
            left out. None shows every patient in full.
    """
    for patient, pack in packs.items():
        if slices is None or patient in slices:
            part = slice(*slices[patient]) if slices else slice(None)
            weight = weights.get(patient, 1.0)
            views.scans.append(
                labelled_scan(pack.ncct_hu[part], pack.possible[part], pack.spacing_mm, weight, views.device)
            )


def add_paired_scans(
    views: GeneratorViews,
    packs: Mapping[str, PackedPatient],
    weights: Mapping[str, float],
    context: WholeScanContext | None = None,
    slabs: int = 0,
    slab_mm: Sequence[float] = (40.0, 90.0),
) -> None:
    """Show packed patients to the generator; a patient without a weight has weight 1.

    Args:
        views: what shows them.
        packs: patients by name.
        weights: how often each is shown.
        context: the context network, run on each of these scans, so that the generator sees its errors. None: its maps
            are imitated from the known classes.
        slabs: further short scans of each patient, cut out at random, with maps of their own: where little anatomy is
            seen, the network makes other errors. The scan and its slabs share the patient's weight.
        slab_mm: shortest and longest slab, along the body.
    """
    rng = np.random.default_rng(0)
    for patient, pack in packs.items():
        arrays = (pack.ncct_hu, pack.enhancement_hu, pack.possible, pack.known)
        volumes = [_volume(array, views.device) for array in arrays]
        parts = [slice(None), *(_slab(pack, slab_mm, rng) for _ in range(slabs))]
        for part in parts:
            scan = PairedScan(
                *(volume[:, part] for volume in volumes),  # a slab is a view and needs no memory
                pack.spacing_mm,
                weights.get(patient, 1.0) / len(parts),
                context=_context_of(context, pack.ncct_hu[part], pack.spacing_mm, views.device),
            )
            views.scans.append(scan)


def _slab(pack: PackedPatient, slab_mm: Sequence[float], rng: np.random.Generator) -> slice:
    """Draw consecutive slices of a patient."""
    slices = len(pack.ncct_hu)
    length = min(slices, max(1, round(rng.uniform(*slab_mm) / pack.spacing_mm[0])))
    first = int(rng.integers(slices - length + 1))
    return slice(first, first + length)


class PhantomShare:
    """Adds phantoms to the scans, so that together they are shown a fixed share of the time.

    Args:
        views: what shows them.
        share: share of the views that show phantoms, once there are enough of them; all views if there are no other
            scans.
        context: the context network, run on each phantom for the generator. The generator then learns from real maps of
            patients that the network has never seen, not from an imperfect copy of the truth. None: no maps.
    """

    def __init__(
        self,
        views: ContextViews | GeneratorViews,
        share: float,
        context: WholeScanContext | None = None,
    ) -> None:
        self.views, self.share, self.context = views, share, context
        self._phantoms = 0
        self._scan: Callable[[StreamedPhantom], LabelledScan | PairedScan] = (
            self._known if isinstance(views, ContextViews) else self._paired
        )

    def __call__(self, phantom: StreamedPhantom) -> None:
        """Add one phantom.

        Raises:
            ValueError: when phantoms shall have all views although there are other scans.
        """
        scans = self.views.scans
        real = len(scans) - self._phantoms
        scans.append(self._scan(phantom))
        self._phantoms += 1
        weight = _LARGEST_PHANTOM_WEIGHT
        if real:
            if self.share >= 1:
                raise ValueError(f"The share of phantoms must be below 1 beside real scans, found {self.share}.")
            real_weight = sum(scan.weight for scan in scans[:real])
            weight = min(weight, self.share / (1 - self.share) * real_weight / self._phantoms)
        scans[real:] = [replace(scan, weight=weight) for scan in scans[real:]]

    def _known(self, phantom: StreamedPhantom) -> LabelledScan:
        scan = labelled_scan(phantom.ncct_hu, phantom.possible, phantom.spacing_mm, 0.0, self.views.device)
        return replace(scan, noise_free=True)

    def _paired(self, phantom: StreamedPhantom) -> PairedScan:
        volumes = (phantom.ncct_hu, phantom.enhancement_hu, phantom.possible, np.ones(phantom.ncct_hu.shape))
        parts = (_volume(part, self.views.device) for part in volumes)
        context = _context_of(self.context, phantom.ncct_hu, phantom.spacing_mm, self.views.device)
        return PairedScan(*parts, phantom.spacing_mm, 0.0, noise_free=True, context=context)


def _context_of(
    context: WholeScanContext | None, scan_hu: np.ndarray, spacing_mm: tuple[float, float, float], device: torch.device
) -> torch.Tensor | None:
    """Output of the context network for a scan with some more noise, (C, z, y, x).

    Args:
        context: the network; without one there is no output.
        scan_hu: (slices, rows, columns).
        spacing_mm: (slice, row, column).
        device: of the result.
    """
    if context is None:
        return None
    ncct_hu = torch.as_tensor(scan_hu, dtype=torch.float32)
    ncct_hu = (ncct_hu + _NOISE_HU * torch.randn_like(ncct_hu)).clamp(min=HU_FLOOR)
    slice_mm, row_mm, column_mm = spacing_mm
    affine = torch.zeros(4, 4, dtype=torch.float64)  # rows to posterior, columns to the left, slices to the head
    affine[1, 0], affine[0, 1], affine[2, 2], affine[3, 3] = -row_mm, -column_mm, slice_mm, 1
    context_map = context.of_volume(MetaTensor(ncct_hu.movedim(0, -1)[None], affine=affine))
    shares = context_map.movedim(-1, 1).float() / PROBABILITY_STEPS
    return shares.contiguous().to(device)


def _volume(values: np.ndarray, device: torch.device) -> torch.Tensor:
    return torch.as_tensor(np.ascontiguousarray(values, dtype=np.float32), device=device)[None]  # (1, Z, Y, X)
