"""Make the context maps of the patients of a datalist; run it in the bundle folder.

python -m cohorts.context --datalist data/own/datalist.json

Then train with them: --network_def#context_channels 6. A generator relies on the maps too much if the context network
was trained on the same patients: give --weights of one that was not.
"""

import argparse
import sys
from pathlib import Path

from monai.bundle import ConfigParser

from cohorts.context.maps import write_maps
from scripts.exit_code import exit_code

_BUNDLE = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m cohorts.context", description=__doc__, formatter_class=formatter)
    parser.add_argument(
        "--datalist", type=Path, required=True, help="datalist.json of the cohort; the maps are added to it"
    )
    parser.add_argument(
        "--weights", type=Path, help="weights of the context network (default: models/context.pt of the bundle)"
    )
    parser.add_argument("--config", type=Path, default=_BUNDLE / "configs" / "inference.yaml", help=argparse.SUPPRESS)
    parser.add_argument("--again", action="store_true", help="make the maps again for patients who have one")
    chosen = parser.parse_args(arguments)
    config = ConfigParser({**ConfigParser.load_config_file(chosen.config), "bundle_root": str(_BUNDLE)})
    if chosen.weights is not None:
        config["whole_scan_context#weights"] = str(chosen.weights)
    return exit_code(lambda: _write(chosen, config))


def _write(chosen: argparse.Namespace, config: ConfigParser) -> None:
    count = write_maps(chosen.datalist, config.get_parsed_content("whole_scan_context"), again=chosen.again)
    print(f"{count} maps written; train with --network_def#context_channels 6")


if __name__ == "__main__":
    sys.exit(main())
