"""Shows what `logit_offsets` of the context network do, on phantoms: arteries found against oesophagus that is lit.

python -m studies.context_offsets

Training weighs rare classes up, so the class with the highest logit is not always the best answer. An offset moves the
border between classes without training. Choose those for configs/inference.yaml here, never on test patients.
"""

import argparse
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from tqdm import tqdm

from cohorts.context.maps import context_of_bundle
from cohorts.phantom.atlas.habitus import Region
from cohorts.phantom.stream import stream_phantom
from scripts.context import WholeScanContext
from scripts.context.whole_scan import class_offsets
from scripts.evaluation.table import markdown
from scripts.exit_code import exit_code
from scripts.organs import ANY_ORGAN, Organ, bits

_REGIONS: tuple[Region, ...] = get_args(Region)
_FIRST_SEED = 8_300_000
"""Of phantoms that neither training nor the test draws."""

_MATRIX, _SLICES = 208, 32
_NOISE_HU = 8.0
_BRIGHT = [Organ.ARTERY, Organ.LEFT_HEART, Organ.RIGHT_HEART]


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m studies.context_offsets", description=__doc__, formatter_class=formatter
    )
    parser.add_argument("--weights", type=Path, help="of the context network (default: the bundle's models/context.pt)")
    parser.add_argument("--regions", nargs="+", choices=_REGIONS, default=_REGIONS, help="default: %(default)s")
    parser.add_argument("--phantoms", type=int, default=4, help="of each region (default: %(default)s)")
    parser.add_argument("--artery", type=float, nargs="+", default=[0, 0.5, 1], help="offsets (default: %(default)s)")
    parser.add_argument(
        "--oesophagus", type=float, nargs="+", default=[0, 3, 4, 5, 6], help="offsets (default: %(default)s)"
    )
    arguments = parser.parse_args(argv)
    return exit_code(lambda: _print_table(arguments))


def _print_table(arguments: argparse.Namespace) -> None:
    context = context_of_bundle(arguments.weights)
    context.load()
    patients = itertools.product(arguments.regions, range(arguments.phantoms))
    counts: dict[tuple, np.ndarray] = {}
    for region, number in tqdm(list(patients), desc="phantoms"):
        logits, possible = context_logits(context, region, _FIRST_SEED + number)
        for artery, oesophagus in itertools.product(arguments.artery, arguments.oesophagus):
            key = (region, artery, oesophagus)
            offsets = class_offsets({"ARTERY": artery, "OESOPHAGUS": oesophagus})
            counts[key] = counts.get(key, 0) + count_voxels(logits, offsets, possible)
    print(markdown(list(_rows(counts))))


def context_logits(context: WholeScanContext, region: Region, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ask the context network about a phantom on coarse voxels.

    Returns:
        Logits, (classes, D, H, W), and the bit masks of the classes that its voxels may have, (D, H, W).
    """
    slice_mm, row_mm, column_mm = (context.spacing_mm[2], *context.spacing_mm[:2])
    phantom = stream_phantom(seed, [region], _SLICES, _MATRIX, (row_mm, column_mm, slice_mm))
    ncct_hu = torch.from_numpy(phantom.ncct_hu).float()
    ncct_hu += _NOISE_HU * torch.randn(ncct_hu.shape, generator=torch.Generator().manual_seed(seed))
    network: nn.Module = context.network.eval()
    with torch.no_grad():
        logits = network(context.window.to_norm(ncct_hu.clamp(min=context.hu_floor))[None, None])[0]
    return logits.float(), torch.from_numpy(phantom.possible.astype(np.int64))


def count_voxels(logits: torch.Tensor, offsets: torch.Tensor, possible: torch.Tensor) -> np.ndarray:
    """Count voxels: called artery and are, called artery, are artery, oesophagus called bright blood, oesophagus.

    Args:
        logits: of the classes, (classes, D, H, W).
        offsets: added to them, (classes,).
        possible: bit masks of the classes, (D, H, W); voxels of which nothing is known do not count.
    """
    shares = functional.softmax(logits + offsets.view(-1, 1, 1, 1), dim=0)
    called_artery = (shares[Organ.ARTERY] > 0.5) & (possible != ANY_ORGAN)
    is_artery, is_oesophagus = (possible == bits({organ}) for organ in (Organ.ARTERY, Organ.OESOPHAGUS))
    lit = is_oesophagus & (shares[_BRIGHT].sum(dim=0) > 0.5)
    masks = (called_artery & is_artery, called_artery, is_artery, lit, is_oesophagus)
    return np.array([int(mask.sum()) for mask in masks])


def _rows(counts: dict[tuple, np.ndarray]) -> Iterator[dict]:
    for (region, artery, oesophagus), (both, called, arteries, lit, oesophagi) in counts.items():
        yield {
            "region": region,
            "artery +": artery,
            "oesophagus +": oesophagus,
            "Dice of arteries": f"{2 * both / max(called + arteries, 1):.3f}",
            "arteries found, %": f"{100 * both / max(arteries, 1):.1f}",
            "oesophagus lit, %": f"{100 * lit / oesophagi:.1f}" if oesophagi else "",
        }


if __name__ == "__main__":
    sys.exit(main())
