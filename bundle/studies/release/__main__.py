"""Makes a ready bundle of a released CTA-GAN checkpoint.

python -m studies.release netG_A2B_45.pth --out ../bundle-cta-gan
"""

import argparse
import sys
from pathlib import Path

from scripts.exit_code import exit_code
from studies.release import CheckpointMismatch, read_checkpoint, write_bundle

_BUNDLE = Path(__file__).resolve().parents[2]


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m studies.release",
        description="Make a bundle of a released CTA-GAN generator checkpoint: its weights, the paper's "
        "generator and the HU window [-1024, 3071].",
    )
    parser.add_argument("checkpoint", type=Path, help="netG_A2B_*.pth, a plain state dict")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new bundle; must not exist yet")
    arguments = parser.parse_args(argv)
    return exit_code(lambda: _import(arguments), (CheckpointMismatch, OSError), code=65)


def _import(arguments: argparse.Namespace) -> None:
    write_bundle(read_checkpoint(arguments.checkpoint), _BUNDLE, arguments.out)
    print(f"Ready: python -m app -i DIR -o DIR -m {arguments.out}")


if __name__ == "__main__":
    sys.exit(main())
