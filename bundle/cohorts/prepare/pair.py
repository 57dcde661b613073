"""Makes a folder of training volumes of one candidate, or rejects it with a reason. Runs in a worker process."""

import errno
import hashlib
import json
import logging
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from cohorts.ct.reading import AIR_HU, WORKING_SPACING_MM, Volume
from cohorts.ct.writing import write_volume
from cohorts.prepare.alignment import align
from cohorts.prepare.candidates import Candidate, Scan
from cohorts.prepare.coarse_pair import CoarsePair, compare
from cohorts.prepare.content import check_content, measure_content
from cohorts.prepare.overlap import check_overlap, common_box, fine_grid
from cohorts.prepare.preview import save_preview
from cohorts.prepare.pseudo import make_pseudo_pair
from cohorts.prepare.reasons import PairRejected, Reason
from cohorts.prepare.scans import load_scan, source_files
from cohorts.prepare.settings import PairOptions
from scripts.files import whole_folder, write_whole

logger = logging.getLogger(__name__)

VERSION = 1
"""Increase it when the same scans and settings would give other volumes."""

OUTCOME_FILE = "prepared.json"
PREVIEW_FILE = "preview.png"
REJECTED_FOLDER = "rejected"

_SPARE_BYTES = 256 * 2**20


@dataclass(frozen=True)
class Outcome:
    """Result of a candidate; it goes into the report, so it holds no names, ids or paths of the source.

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


@dataclass(frozen=True)
class PairState:
    """State of a pair after a step; each step returns a new one, so that a failure leaves the last complete one.

    Attributes:
        region: as the headers tell.
        figures: what was measured.
        notes: remarks.
        coarse: both scans on a coarse grid, for the picture; None before they were compared.
        volume, arrays: grid and volumes to write, by name; None and empty before the last step.
    """

    region: str | None = None
    figures: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    coarse: CoarsePair | None = None
    volume: Volume | None = None
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def with_figures(self, **figures: float) -> "PairState":
        """The same with more figures."""
        return replace(self, figures=self.figures | figures)


_MAY_PASS = (Reason.UNREADABLE, Reason.NO_SPACE, Reason.CRASHED, Reason.FAILED)
"""Reasons that tell of the storage or the machine, not of the pair."""


def make_case(case: str, candidate: Candidate, out: Path, pair_options: PairOptions) -> Outcome:
    """Make one pair; a fault of the pair is recorded in the outcome and never raised.

    Args:
        case: name of the folder to write under `out`.
        candidate: complete or not.
        out: output folder.
        pair_options: settings.
    """
    start = time.monotonic()
    state = PairState(notes=tuple(candidate.notes))
    try:
        if candidate.rejected is not None:
            raise candidate.rejected
        key = _key(candidate, pair_options)
        if (stored := _stored(out / case, key)) is not None:
            return stored
        for step in _steps(case, candidate, out, pair_options, state):
            state = step
        seconds = round(time.monotonic() - start, 1)
        return _write(case, out, state.with_figures(slices=len(state.arrays["ncct"]), seconds=seconds), key)
    except PairRejected as error:
        return _rejected(case, out, state, error)
    except MemoryError:
        return _rejected(case, out, state, PairRejected(Reason.CRASHED, "out of memory"))
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        logger.debug("%s", case, exc_info=True)
        reason = Reason.NO_SPACE if full else Reason.UNREADABLE
        return _rejected(case, out, state, PairRejected(reason, type(error).__name__))
    except Exception as error:  # one broken pair must not stop the others; the report names it
        logger.debug("%s", case, exc_info=True)
        return _rejected(case, out, state, PairRejected(Reason.FAILED, type(error).__name__))


def _key(candidate: Candidate, pair_options: PairOptions) -> str:
    """Digest of the version, the settings, and size and time of every source file."""
    scans = [scan for scan in (candidate.ncct, candidate.cta) if scan is not None]
    files = [file for scan in scans for file in source_files(scan)] + list(candidate.masks)
    stats = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.exists()]
    return hashlib.sha256(repr((VERSION, asdict(pair_options), stats)).encode()).hexdigest()


def _stored(folder: Path, key: str) -> Outcome | None:
    """The outcome of an earlier run with the same scans and settings."""
    stored = folder / OUTCOME_FILE
    if not stored.is_file():
        return None
    values = json.loads(stored.read_text(encoding="utf-8"))
    return Outcome(**values | {"notes": tuple(values["notes"])}) if values.get("key") == key else None


def _steps(
    case: str, candidate: Candidate, out: Path, pair_options: PairOptions, state: PairState
) -> Iterator[PairState]:
    """Read, check, align and resample; the last step has the volumes.

    Raises:
        PairRejected: with the reason.
    """
    if candidate.cta is None:
        raise PairRejected(Reason.NO_CTA)
    if candidate.ncct is not None:
        yield from _steps_of_a_real_pair(candidate.ncct, candidate.cta, out, pair_options, state)
        return
    cta = load_scan(candidate.cta, pair_options.checks)
    volume, arrays = make_pseudo_pair(case, candidate, pair_options)
    image = _as_image(arrays["ncct"], volume)
    coarse = compare(image, _as_image(arrays["cta"], volume), sitk.Transform(3, sitk.sitkIdentity))
    notes = (*state.notes, "pseudo-pair: the NCCT is made from the CTA")
    yield replace(state, region=cta.region, notes=notes, coarse=coarse, volume=volume, arrays=arrays)


def _steps_of_a_real_pair(
    ncct_scan: Scan, cta_scan: Scan, out: Path, pair_options: PairOptions, state: PairState
) -> Iterator[PairState]:
    checks = pair_options.checks
    cta, ncct = load_scan(cta_scan, checks), load_scan(ncct_scan, checks)
    state = replace(state, region=cta.region or ncct.region).with_figures(
        ncct_slice_mm=round(ncct.slice_mm, 3), cta_slice_mm=round(cta.slice_mm, 3)
    )
    yield state
    thin_mm, thick_mm = sorted((ncct.slice_mm, cta.slice_mm))
    if thick_mm > checks.max_thickness_ratio * thin_mm + 1e-3:
        raise PairRejected(Reason.THICKNESS_DIFFERS, f"{ncct.slice_mm:.2f} mm and {cta.slice_mm:.2f} mm")
    if pair_options.align == "none":
        check_overlap(ncct.image, cta.image, checks.min_overlap)
    transform, notes = align(ncct.image, cta.image, pair_options.align)
    coarse = compare(ncct.image, cta.image, transform)
    state = replace(state, notes=(*state.notes, *notes), coarse=coarse)
    yield state
    box = common_box(coarse, checks.min_overlap, pair_options.crop_margin_mm)
    content = measure_content(coarse, box)
    state = state.with_figures(
        similarity=round(content.similarity, 3), enhanced_ml_per_cm=round(content.enhanced_ml_per_cm, 2)
    )
    yield state
    check_content(content, coarse, checks)
    grid = fine_grid(ncct.image, coarse, box)
    if grid.GetSize()[2] < checks.min_slices:
        raise PairRejected(Reason.TOO_FEW_SLICES, f"{grid.GetSize()[2]} in common, at least {checks.min_slices}")
    _check_space(out, grid.GetNumberOfPixels() * 4)
    arrays = {
        name: sitk.GetArrayFromImage(sitk.Resample(image, grid, moved, sitk.sitkLinear, AIR_HU))
        for name, image, moved in (("ncct", ncct.image, sitk.Transform()), ("cta", cta.image, transform))
    }
    yield replace(state, volume=Volume(arrays["ncct"], WORKING_SPACING_MM, tuple(grid.GetOrigin())), arrays=arrays)


def _write(case: str, out: Path, state: PairState, key: str) -> Outcome:
    """Write the folder of an accepted pair; an earlier run's reason against it is removed."""
    if state.volume is None or state.coarse is None:
        raise AssertionError("the last step has the volumes")
    outcome = Outcome(
        case,
        volumes={name: f"{name}.nii" for name in state.arrays},
        region=state.region,
        figures=state.figures,
        notes=state.notes,
        preview=f"{case}/{PREVIEW_FILE}",
        key=key,
    )
    with whole_folder(out / case) as folder:
        for name, values in state.arrays.items():
            write_volume(folder / f"{name}.nii", values, state.volume)
        save_preview(state.coarse, folder / PREVIEW_FILE)
        write_whole(folder / OUTCOME_FILE, json.dumps(asdict(outcome), indent=1))
    (out / REJECTED_FOLDER / f"{case}.png").unlink(missing_ok=True)
    return outcome


def _rejected(case: str, out: Path, state: PairState, error: PairRejected) -> Outcome:
    """The outcome of a pair that is left out.

    Its files from an earlier run are removed, unless the fault may pass: a storage that is offline must not cost the
    pairs that were made from it.
    """
    preview = None
    try:
        if error.reason not in _MAY_PASS:
            shutil.rmtree(out / case, ignore_errors=True)
        if state.coarse is not None:
            preview = f"{REJECTED_FOLDER}/{case}.png"
            (out / REJECTED_FOLDER).mkdir(exist_ok=True)
            save_preview(state.coarse, out / preview)
    except OSError:
        preview = None  # a full disk: the reason matters, the picture does not
    return Outcome(
        case,
        reason=error.reason.value,
        detail=error.detail,
        region=state.region,
        figures=state.figures,
        notes=state.notes,
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
