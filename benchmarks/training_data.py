"""Measures how many training slices a second the data loader of the bundle's configs/train.yaml makes.

    python benchmarks/training_data.py                                   # volumes of noise, 597 x 430 pixels
    python benchmarks/training_data.py --datalist DIR/datalist.json --workers 0 4 8

One line for each number of workers, and one for the reading alone. CPU time is that of all processes: unlike the rate
it hardly changes when other programs run. Files stay in the page cache, as in training if the cohort fits;
`--cold` removes them first.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np
import torch
from monai.bundle import ConfigParser

BUNDLE = Path(__file__).resolve().parents[1] / "bundle"
sys.path.insert(0, str(BUNDLE))

from scripts.data import Draw, LoadSliced  # noqa: E402, after the path above

LPS = np.diag([-0.67, -0.67, 1.25, 1.0])


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--datalist", type=Path, help="datalist to read (default: patients of noise are made)")
    parser.add_argument("--patients", type=int, default=8, help="patients to make without a datalist")
    parser.add_argument("--slices", type=int, default=200, help="slices of each patient that is made")
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2], help="numbers of worker processes")
    parser.add_argument("--count", type=int, default=200, help="slices to draw for each number of workers")
    parser.add_argument("--patch_px", type=int, default=512, help="side of a training slice")
    parser.add_argument(
        "--cold", action="store_true", help="remove the files from the page cache before each measurement"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        datalist = arguments.datalist or write_noise_cohort(Path(scratch), arguments.patients, arguments.slices)
        files = [path for path in datalist.parent.rglob("*.nii") if path.name in ("ncct.nii", "cta.nii")]
        print(f"{len(files) // 2} patients, {sum(path.stat().st_size for path in files) / 2**30:.2f} GiB")
        print(f"{'workers':<16}{'slices/s':>10}{'CPU ms/slice':>14}{'largest process, GiB':>22}")
        for workers in arguments.workers:
            loader = _loader(datalist, workers, arguments.count, arguments.patch_px)
            if arguments.cold:
                _drop(files)
            rate, cpu_ms = _rate(loader)
            print(f"{workers:<16}{rate:>10.1f}{cpu_ms:>14.1f}{_largest_process_gib():>22.2f}")
        if arguments.cold:
            _drop(files)
        rate, cpu_ms = _reading_rate(loader)
        print(f"{'reading alone':<16}{rate:>10.1f}{cpu_ms:>14.1f}")
    return 0


def _loader(datalist: Path, workers: int, count: int, patch_px: int) -> torch.utils.data.DataLoader:
    parser = ConfigParser()
    parser.read_config(str(BUNDLE / "configs" / "train.yaml"))
    parser.update({"datalist": str(datalist), "num_workers": workers, "slices_per_epoch": count, "patch_px": patch_px})
    parser["bundle_root"] = str(BUNDLE)
    return parser.get_parsed_content("train#dataloader")


def _rate(loader: torch.utils.data.DataLoader) -> tuple[float, float]:
    """Slices a second with the start of the workers left out, and CPU ms a slice of all processes with it."""
    cpu_s = _cpu_s()
    batches = iter(loader)
    first = len(next(batches)["cta"])
    start = time.perf_counter()
    made = sum(len(batch["cta"]) for batch in batches)
    rate = made / (time.perf_counter() - start)
    del batches  # waits for the workers: what they used is known when they have ended
    return rate, (_cpu_s() - cpu_s) / (first + made) * 1000


def _reading_rate(loader: torch.utils.data.DataLoader) -> tuple[float, float]:
    """The same of LoadSliced alone, in this process, in the order of the sampler."""
    data = loader.dataset.data
    reads = [transform for transform in loader.dataset.transform.transforms if isinstance(transform, LoadSliced)]
    draws: list[Draw] = list(loader.sampler)
    cpu_s, start = _cpu_s(), time.perf_counter()
    for draw in draws:
        record = data[draw.index]
        for read in reads:
            record = read(record)
    return len(draws) / (time.perf_counter() - start), (_cpu_s() - cpu_s) / len(draws) * 1000


def _cpu_s() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _largest_process_gib() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return max(usage.ru_maxrss for usage in usages) / 2**20


def write_noise_cohort(folder: Path, patients: int, slices: int, size_px: tuple[int, int] = (597, 430)) -> Path:
    """Write a cohort with the size of real ones and nothing to see, where only its size matters.

    Args:
        folder: takes the patients' folders.
        patients: how many.
        slices: of each.
        size_px: columns and rows of a slice.

    Returns:
        Its datalist.json.
    """
    generator = np.random.default_rng(0)
    plane = generator.normal(0, 100, (*size_px, slices)).astype(np.int16)  # (x, y, z)
    records = []
    for index in range(patients):
        name = f"patient-{index}"
        (folder / name).mkdir()
        for key in ("ncct", "cta"):
            nibabel.save(
                nibabel.Nifti1Image(np.asfortranarray(np.roll(plane, index, 0)), LPS), folder / name / f"{key}.nii"
            )
        records.append(
            {
                "patient": name,
                "region": "chest",
                "label": "healthy",
                "ncct": f"{name}/ncct.nii",
                "cta": f"{name}/cta.nii",
            }
        )
    (folder / "datalist.json").write_text(json.dumps({"training": records, "validation": records[:1]}))
    return folder / "datalist.json"


def _drop(files: list[Path]) -> None:
    for path in files:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


if __name__ == "__main__":
    sys.exit(main())
