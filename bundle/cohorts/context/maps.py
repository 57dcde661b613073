"""Runs the context network over the NCCT of every patient of a datalist, and enters the maps in it."""

import json
from pathlib import Path

from monai.bundle import ConfigParser
from monai.transforms import LoadImage
from tqdm import tqdm

from scripts.context import WholeScanContext
from scripts.data import write_context
from scripts.files import write_whole

_BUNDLE = Path(__file__).resolve().parents[2]
INFERENCE = _BUNDLE / "configs" / "inference.yaml"
_FILE = "context.npy"


def context_of_bundle(weights: Path | None = None, config: Path = INFERENCE) -> WholeScanContext:
    """The context look that inference takes.

    Args:
        weights: of the context network; None: those of the config.
        config: an inference config of this bundle.
    """
    parser = ConfigParser({**ConfigParser.load_config_file(config), "bundle_root": str(_BUNDLE)})
    if weights is not None:
        parser["whole_scan_context#weights"] = str(weights)
    return parser.get_parsed_content("whole_scan_context")


def write_maps(datalist: Path, context: WholeScanContext, *, again: bool = False) -> int:
    """Write `context.npy` beside each patient's NCCT and enter it as "context" in the datalist.

    The datalist is rewritten after each patient, so that a stopped run can continue.

    Args:
        datalist: the file; its paths are relative to its folder.
        context: makes the maps.
        again: also make the maps of patients who have one.

    Returns:
        Number of maps that were written.

    Raises:
        FileNotFoundError: when datalist, weights or an NCCT are missing.
    """
    splits = json.loads(datalist.read_text())
    records = [record for split in splits.values() for record in split if again or "context" not in record]
    context.load()
    load = LoadImage(ensure_channel_first=True)
    for record in tqdm(records, desc="patients"):
        ncct = Path(record["ncct"])
        write_context(context.of_volume(load(datalist.parent / ncct)), datalist.parent / ncct.with_name(_FILE))
        record["context"] = ncct.with_name(_FILE).as_posix()
        write_whole(datalist, json.dumps(splits, indent=1) + "\n")
    return len(records)
