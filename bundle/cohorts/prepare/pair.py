"""One candidate becomes a folder of training volumes, or a rejection with its reason. Runs in a worker process."""

import errno
import hashlib
import json
import logging
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from cohorts.ct.reading import AIR_HU, WORKING_SPACING_MM, Volume
from cohorts.ct.writing import write_volume
from cohorts.prepare.alignment import align
from cohorts.prepare.candidates import Candidate
from cohorts.prepare.coarse import Coarse, compare, enhanced_ml_per_cm, similarity
from cohorts.prepare.overlap import better_turned, check_overlap, common_box, fine_grid
from cohorts.prepare.preview import save_preview
from cohorts.prepare.pseudo import make_pseudo_pair
from cohorts.prepare.reasons import PairRejected, Reason
from cohorts.prepare.scans import LoadedScan, load_scan, source_files
from cohorts.prepare.settings import Making
from scripts.files import whole_folder, write_whole

logger = logging.getLogger(__name__)

VERSION = 1
"""Raised when the same scans and settings would give other volumes."""

OUTCOME_FILE = "prepared.json"
PREVIEW_FILE = "preview.png"
REJECTED_FOLDER = "rejected"

_SPARE_BYTES = 256 * 2**20


@dataclass(frozen=True)
class Outcome:
    """What became of a candidate; goes into the report, so no names, ids or paths of the source.

    Attributes:
        case: name of its folder.
        volumes: file names by key of the datalist; empty for a rejected pair.
        reason, detail: why it was rejected; None for an accepted pair.
        region: as the headers tell.
        figures: what was measured.
        notes: remarks.
        preview: picture, relative to the output folder.
        key: digest of scans and settings; an accepted pair with the same is not made again.
    """

    case: str
    volumes: dict[str, str] = field(default_factory=dict)
    reason: str | None = None
    detail: str = ""
    region: str | None = None
    figures: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    preview: str | None = None
    key: str = ""


def make_case(case: str, candidate: Candidate, out: Path, making: Making) -> Outcome:
    """Make one pair; whatever is wrong with it ends in the outcome, never in an error.

    Args:
        case: name of the folder to write under `out`.
        candidate: complete or not.
        out: output folder.
        making: settings.
    """
    start = time.monotonic()
    work = _Work(case, candidate, out, making)
    try:
        if candidate.rejected is not None:
            raise candidate.rejected
        kept = work.kept()
        return kept if kept is not None else work.make(start)
    except PairRejected as error:
        return work.rejected(error)
    except MemoryError:
        return work.rejected(PairRejected(Reason.CRASHED, "out of memory"))
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        logger.debug("%s", case, exc_info=True)
        return work.rejected(PairRejected(Reason.NO_SPACE if full else Reason.UNREADABLE, type(error).__name__))
    except Exception as error:  # one broken pair must not stop the others; the report names it
        logger.debug("%s", case, exc_info=True)
        return work.rejected(PairRejected(Reason.FAILED, type(error).__name__))


class _Work:
    """The steps for one candidate, and what is known when one of them fails."""

    def __init__(self, case: str, candidate: Candidate, out: Path, making: Making) -> None:
        self.case = case
        self.candidate = candidate
        self.out = out
        self.making = making
        self.region: str | None = None
        self.figures: dict[str, float] = {}
        self.notes: list[str] = list(candidate.notes)
        self.coarse: Coarse | None = None

    def kept(self) -> Outcome | None:
        """The outcome of an earlier run with the same scans and settings."""
        stored = self.out / self.case / OUTCOME_FILE
        if not stored.is_file():
            return None
        values = json.loads(stored.read_text(encoding="utf-8"))
        if values.get("key") != self.key():
            return None
        return Outcome(**values | {"notes": tuple(values["notes"])})

    def key(self) -> str:
        """Digest of the version, the settings, and size and time of every source file."""
        scans = [scan for scan in (self.candidate.ncct, self.candidate.cta) if scan is not None]
        files = [file for scan in scans for file in source_files(scan)] + list(self.candidate.masks)
        stats = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.exists()]
        return hashlib.sha256(repr((VERSION, asdict(self.making), stats)).encode()).hexdigest()

    def make(self, start: float) -> Outcome:
        """Read, check, align, resample and write.

        Raises:
            PairRejected: with the reason.
        """
        cta = load_scan(self.candidate.cta, self.making.checks)
        if self.candidate.ncct is None:
            volume, arrays = make_pseudo_pair(self.case, self.candidate, self.making)
            self.notes.append("pseudo-pair: the NCCT is made from the CTA")
            image = _as_image(arrays["ncct"], volume)
            self.coarse = compare(image, _as_image(arrays["cta"], volume), sitk.Transform(3, sitk.sitkIdentity))
        else:
            volume, arrays = self._real_pair(load_scan(self.candidate.ncct, self.making.checks), cta)
        self.region = self.region or cta.region
        self.figures["slices"] = len(arrays["ncct"])
        self.figures["seconds"] = round(time.monotonic() - start, 1)
        return self._write(volume, arrays)

    def _real_pair(self, ncct: LoadedScan, cta: LoadedScan) -> tuple[Volume, dict[str, np.ndarray]]:
        checks = self.making.checks
        self.region = cta.region or ncct.region
        self.figures |= {"ncct_slice_mm": round(ncct.slice_mm, 3), "cta_slice_mm": round(cta.slice_mm, 3)}
        thin_mm, thick_mm = sorted((ncct.slice_mm, cta.slice_mm))
        if thick_mm > checks.max_thickness_ratio * thin_mm + 1e-3:
            raise PairRejected(Reason.THICKNESS_DIFFERS, f"{ncct.slice_mm:.2f} mm and {cta.slice_mm:.2f} mm")
        if self.making.align == "none":
            check_overlap(ncct.image, cta.image, checks.min_overlap)
        transform, notes = align(ncct.image, cta.image, self.making.align)
        self.notes += notes
        self.coarse = compare(ncct.image, cta.image, transform)
        box = common_box(self.coarse, checks.min_overlap, self.making.crop_margin_mm)
        self._check_content(box)
        grid = fine_grid(ncct.image, self.coarse, box)
        if grid.GetSize()[2] < checks.min_slices:
            raise PairRejected(Reason.TOO_FEW_SLICES, f"{grid.GetSize()[2]} in common, at least {checks.min_slices}")
        _check_space(self.out, grid.GetNumberOfPixels() * 4)
        arrays = {
            name: sitk.GetArrayFromImage(sitk.Resample(image, grid, moved, sitk.sitkLinear, AIR_HU))
            for name, image, moved in (("ncct", ncct.image, sitk.Transform()), ("cta", cta.image, transform))
        }
        return Volume(arrays["ncct"], WORKING_SPACING_MM, tuple(grid.GetOrigin())), arrays

    def _check_content(self, box: tuple[slice, ...]) -> None:
        """One body, enhanced in the CTA and not in the NCCT; measured where both have looked."""
        checks, coarse = self.making.checks, self.coarse
        like = similarity(coarse)
        where = np.zeros_like(coarse.body)
        where[box] = (coarse.body & coarse.covered)[box]
        raised = enhanced_ml_per_cm(coarse.ncct_hu, coarse.cta_hu, where)
        lowered = enhanced_ml_per_cm(coarse.cta_hu, coarse.ncct_hu, where)
        self.figures |= {"similarity": round(like, 3), "enhanced_ml_per_cm": round(raised, 2)}
        if like < checks.min_similarity:
            turned = better_turned(coarse, checks.min_similarity)
            if turned:
                raise PairRejected(Reason.ORIENTATION, f"the scans are alike when one is turned over {turned}")
            raise PairRejected(Reason.DIFFERENT_BODY, f"similarity {like:.2f}, at least {checks.min_similarity:g}")
        limit = checks.min_enhanced_ml_per_cm
        if lowered > max(raised, limit):
            raise PairRejected(Reason.SWAPPED, f"{lowered:.2f} ml/cm brighter in the NCCT, {raised:.2f} in the CTA")
        if raised < limit:
            raise PairRejected(Reason.NO_ENHANCEMENT, f"{raised:.2f} ml/cm, at least {limit:g}")

    def _write(self, volume: Volume, arrays: dict[str, np.ndarray]) -> Outcome:
        outcome = Outcome(
            self.case,
            volumes={name: f"{name}.nii" for name in arrays},
            region=self.region,
            figures=self.figures,
            notes=tuple(self.notes),
            preview=f"{self.case}/{PREVIEW_FILE}",
            key=self.key(),
        )
        with whole_folder(self.out / self.case) as folder:
            for name, values in arrays.items():
                write_volume(folder / f"{name}.nii", values, volume)
            save_preview(self.coarse, folder / PREVIEW_FILE)
            write_whole(folder / OUTCOME_FILE, json.dumps(asdict(outcome), indent=1))
        (self.out / REJECTED_FOLDER / f"{self.case}.png").unlink(missing_ok=True)
        return outcome

    def rejected(self, error: PairRejected) -> Outcome:
        """The outcome of a pair that is left out; what an earlier run made of it is removed."""
        preview = None
        try:
            shutil.rmtree(self.out / self.case, ignore_errors=True)
            if self.coarse is not None:
                preview = f"{REJECTED_FOLDER}/{self.case}.png"
                (self.out / REJECTED_FOLDER).mkdir(exist_ok=True)
                save_preview(self.coarse, self.out / preview)
        except OSError:
            preview = None  # a full disk: the reason matters, the picture does not
        return Outcome(
            self.case,
            reason=error.reason.value,
            detail=error.detail,
            region=self.region,
            figures=self.figures,
            notes=tuple(self.notes),
            preview=preview,
        )


def _as_image(values: np.ndarray, volume: Volume) -> sitk.Image:
    image = sitk.GetImageFromArray(values.astype(np.int16))
    image.SetSpacing(volume.spacing_mm[::-1])
    image.SetOrigin(volume.origin_mm)
    return image


def _check_space(out: Path, needed_bytes: int) -> None:
    free = shutil.disk_usage(out).free
    if free < needed_bytes + _SPARE_BYTES:
        raise PairRejected(Reason.NO_SPACE, f"{needed_bytes / 2**20:.0f} MiB needed, {free / 2**20:.0f} MiB free")
