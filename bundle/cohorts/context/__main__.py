"""Make the context maps of the patients of a datalist; run it in the bundle folder.

python -m cohorts.context --datalist data/own/datalist.json

Then train with them: --network_def#context_channels 6. A generator relies on the maps too much if the context network
was trained on the same patients: give --weights of one that was not.
"""

import argparse
import sys
from pathlib import Path

from cohorts.context.maps import INFERENCE, context_of_bundle, write_maps
from scripts.exit_code import exit_code


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m cohorts.context", description=__doc__, formatter_class=formatter)
    parser.add_argument(
        "--datalist", type=Path, required=True, help="datalist.json of the cohort; the maps are added to it"
    )
    parser.add_argument(
        "--weights", type=Path, help="weights of the context network (default: models/context.pt of the bundle)"
    )
    parser.add_argument("--config", type=Path, default=INFERENCE, help=argparse.SUPPRESS)
    parser.add_argument("--again", action="store_true", help="make the maps again for patients who have one")
    arguments = parser.parse_args(argv)
    return exit_code(lambda: _write(arguments))


def _write(arguments: argparse.Namespace) -> None:
    context = context_of_bundle(arguments.weights, arguments.config)
    count = write_maps(arguments.datalist, context, again=arguments.again)
    print(f"{count} maps written; train with --network_def#context_channels 6")


if __name__ == "__main__":
    sys.exit(main())
