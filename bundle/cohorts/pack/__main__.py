"""Pack the patients of datalists into small files for training on another machine; run it in the bundle folder.

python -m cohorts.pack --datalist data/pseudo_pairs/datalist.json data/painted_pairs/datalist.json --out data/packed
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from tqdm import tqdm

from cohorts.pack.patient_pack import PackedPatient, write_pack
from scripts.exit_code import exit_code


def _array(path: Path) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def packed(folder: Path, record: dict, every: int) -> PackedPatient:
    """A patient of a datalist, with every n-th slice.

    Raises:
        ValueError: its record lacks a volume that is needed.
    """
    if missing := {"ncct", "cta_aligned", "organs"} - set(record):
        raise ValueError(
            f"{record['patient']} of {folder} has no {', '.join(sorted(missing))} in its datalist. Make the pairs "
            "again."
        )
    image = sitk.ReadImage(str(folder / record["ncct"]))
    column_mm, row_mm, slice_mm = image.GetSpacing()
    ncct_hu = sitk.GetArrayFromImage(image)[::every]
    cta_hu = _array(folder / record["cta_aligned"])[::every]
    known = _array(folder / record["known"])[::every] > 0 if "known" in record else np.ones(ncct_hu.shape, bool)
    return PackedPatient(
        ncct_hu=ncct_hu.astype(np.int16),
        enhancement_hu=np.maximum(cta_hu.astype(np.int32) - ncct_hu, 0).astype(np.int16),
        possible=_array(folder / record["organs"])[::every].astype(np.uint16),
        known=known,
        spacing_mm=(slice_mm * every, row_mm, column_mm),
    )


def main(argv: list[str] | None = None) -> int:
    """Run the command."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m cohorts.pack", description=__doc__, formatter_class=formatter)
    parser.add_argument(
        "--datalist", type=Path, nargs="+", required=True, help="datalist.json of pairs that have `organs`"
    )
    parser.add_argument("--out", type=Path, required=True, help="output folder; gets one file for each patient")
    parser.add_argument("--every", type=int, default=2, help="store every N-th slice only (default: %(default)s)")
    parser.add_argument(
        "--bits-per-pixel", type=float, default=1.0, help="compressed size of the NCCT (default: %(default)s)"
    )
    arguments = parser.parse_args(argv)
    return exit_code(lambda: _pack(arguments))


def _pack(arguments: argparse.Namespace) -> None:
    arguments.out.mkdir(parents=True, exist_ok=True)
    for datalist in arguments.datalist:
        for record in tqdm(json.loads(datalist.read_text())["training"], desc=datalist.parent.name):
            path = arguments.out / f"{record['patient']}.pack"
            write_pack(packed(datalist.parent, record, arguments.every), path, arguments.bits_per_pixel)


if __name__ == "__main__":
    sys.exit(main())
