"""Run the networks of a bundle once, so that their conversion for the CPU is in the cache: `python -m app.warm_up`.

The build of an image does this, so that its containers need not convert, also with a read-only root file system. The
cache is the folder of SYN_CTA_CACHE, else one in the cache folder of the user.
"""

import argparse
import sys
from pathlib import Path

from app.cli import bundle_folder
from app.cuda_runtime import preload_cuda_runtime
from app.failures import exit_code_of
from app.logs import set_up_logging
from app.shipped import BUNDLE
from operators.errors import ExitCode

_SIDE_PX, _SLICES = 64, 8


def main(argv: list[str] | None = None) -> int:
    """Warm up; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m app.warm_up", description=__doc__.splitlines()[0])
    parser.add_argument("-m", "--model", type=Path, default=BUNDLE, help="MONAI bundle folder (default: bundle/)")
    arguments = parser.parse_args(argv)
    set_up_logging("INFO")
    return exit_code_of(lambda: _run(arguments.model))


def _run(model: Path) -> ExitCode:
    preload_cuda_runtime()
    print(warm_up(bundle_folder(model)))
    return ExitCode.OK


def warm_up(folder: Path) -> str:
    """Run a bundle on a few slices of air.

    Args:
        folder: MONAI bundle.

    Returns:
        The engine that ran its network, with its version.

    Raises:
        Refusal: as of `InferenceBundle`.
    """
    import torch
    from monai.data import MetaTensor

    from operators.bundle.inference_bundle import InferenceBundle

    bundle = InferenceBundle(folder, device="cpu")
    air_hu = MetaTensor(torch.full((1, _SIDE_PX, _SIDE_PX, _SLICES), -1000.0), affine=torch.eye(4))
    context_map, _ = bundle.context_map([air_hu], _SLICES)
    bundle.synthesize(bundle.preprocess(air_hu, context_map=context_map))
    return bundle.engine


if __name__ == "__main__":
    sys.exit(main())
