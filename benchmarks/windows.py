"""Compares ways to process a slice of more than 512 pixels: whole, cropped to the body, or in blended windows.

python benchmarks/windows.py --ncct DIR_OR_NIFTI
"""

import argparse
import sys
import time
from pathlib import Path

import torch

BUNDLE = Path(__file__).resolve().parents[1] / "bundle"
sys.path.insert(0, str(BUNDLE))

from scripts.evaluation.synthesis import Synthesis  # noqa: E402
from scripts.hu_window import HUWindow  # noqa: E402, after the path above
from scripts.inferers import AxialSliceInferer  # noqa: E402

COVERS = {
    "whole slice": (1024, False),
    "whole slice, body": (1024, True),
    "512 windows": (512, False),
    "512 windows, body": (512, True),
}


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--ncct", type=Path, required=True, help="DICOM folder or NIfTI file")
    parser.add_argument("--slices", type=int, default=16, help="slices of the working grid to run")
    arguments = parser.parse_args()
    synthesis = Synthesis()
    data = synthesis.preprocessing({"image": str(arguments.ncct)})
    ncct_norm = data["image"].as_tensor()[None, ..., : arguments.slices]
    context = data["context"][None, ..., : arguments.slices] if "context" in data else None
    print(f"working grid {tuple(ncct_norm.shape[2:])}")
    print(f"{'cover':<20}{'s/slice':>10}{'mean |difference|, HU':>24}{'largest, HU':>14}")
    reference = None
    hu_per_unit = HUWindow(synthesis.hu_range).hu_per_unit
    for name, (max_window_px, to_body) in COVERS.items():
        threshold = synthesis.inferer.body_threshold if to_body else None
        inferer = AxialSliceInferer(
            context_slices=synthesis.inferer.context_slices, max_window_px=max_window_px, body_threshold=threshold
        )
        with torch.inference_mode():
            first_context = None if context is None else context[..., :1]
            inferer(ncct_norm[..., :1], synthesis.network, context=first_context)  # first call warms up
            start = time.perf_counter()
            synthetic_norm = inferer(ncct_norm, synthesis.network, context=context)
        seconds = (time.perf_counter() - start) / ncct_norm.shape[-1]
        reference = synthetic_norm if reference is None else reference
        difference_hu = (synthetic_norm - reference).abs() * hu_per_unit
        print(f"{name:<20}{seconds:>10.3f}{difference_hu.mean():>24.2f}{difference_hu.max():>14.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
