"""One synthetic patient: NCCT, CTA as acquired, CTA on the NCCT's anatomy, and the map of structures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cohorts.phantom.anatomy import Anatomy, draw_anatomy
from cohorts.phantom.atlas.habitus import Label, Region
from cohorts.phantom.imaging.deformation import deform, random_displacement_mm
from cohorts.phantom.imaging.scanner import Scanner, acquire, blur, draw_scanner

# Increase it whenever anatomy or scanner change, so that stored patients of an older version are made again.
GENERATOR_VERSION = 4


@dataclass(frozen=True)
class PhantomPatient:
    """One patient on the NCCT's grid. Arrays are (z, y, x); z to the head, y to posterior, x to the patient's left.

    Attributes:
        seed: seed that gives this patient again.
        patient_id: identifier, "PHANTOM-" and the seed.
        region, label: what is imaged, and the disease.
        spacing_mm: (row, column, slice).
        misalignment_mm: root mean square displacement of `cta_hu` inside the body.
        ncct_hu, cta_hu, cta_aligned_hu: int16.
        structures: uint8, values of `scripts.structures.Structure`.
        sex: "M" or "F".
        age_years: age, which goes with calibres and calcium.
        operated, bulky: drawn with the probabilities that `generate_patient` takes.
    """

    seed: int
    patient_id: str
    region: Region
    label: Label
    spacing_mm: tuple[float, float, float]
    misalignment_mm: float
    ncct_hu: np.ndarray
    cta_hu: np.ndarray
    cta_aligned_hu: np.ndarray
    structures: np.ndarray
    sex: str = "O"
    age_years: int = 60
    operated: bool = False
    bulky: bool = False


def generate_patient(
    seed: int,
    region: Region | None = None,
    label: Label | None = None,
    *,
    slices: int = 48,
    matrix: int = 512,
    spacing_mm: tuple[float, float, float] = (0.67, 0.67, 1.25),
    misalignment_mm: float = 4.0,
    operated_share: float = 0.0,
    bulky_share: float = 0.0,
) -> PhantomPatient:
    """Generate one patient; everything follows from the arguments alone.

    Anatomy is defined in mm, so that matrix and spacing change only the sampling. Each part has its own random stream,
    so that (for example) another misalignment leaves the anatomy and the NCCT as they are.

    Args:
        seed: non-negative integer.
        region: drawn from the seed when None.
        label: drawn from the seed when None. In the neck the disease sits in a common carotid artery.
        slices, matrix: size of the volumes, (slices, matrix, matrix).
        spacing_mm: (row, column, slice).
        misalignment_mm: root mean square displacement inside the body between `ncct_hu` and `cta_hu`.
        operated_share: probability of an operation: in the aorta a stent-graft where the label is aneurysm or
            atherosclerosis, in the chest sternal wires and a scarred mediastinum.
        bulky_share: probability of bulky muscles around the shoulder blades; only a chest shows them.

    Raises:
        ValueError: if an argument is outside its range.
    """
    if misalignment_mm < 0:
        raise ValueError(f"the misalignment must not be negative, found {misalignment_mm} mm")
    anatomy = draw_anatomy(
        seed,
        region,
        label,
        slices=slices,
        matrix=matrix,
        spacing_mm=spacing_mm,
        operated_share=operated_share,
        bulky_share=bulky_share,
    )
    habitus, canvas, rngs = anatomy.habitus, anatomy.canvas, anatomy.rngs
    structures = canvas.structures
    # One scanner and protocol for both: only the dose, and with it the noise, differs. Bone and fat stay the same then.
    first = draw_scanner(rngs["scanner"])
    second = replace(first, noise_hu=draw_scanner(rngs["scanner"]).noise_hu)
    displacement = random_displacement_mm(rngs["motion"], structures.shape, spacing_mm, misalignment_mm, structures > 0)
    moved = deform(canvas.arterial_hu, displacement, spacing_mm) if misalignment_mm else canvas.arterial_hu
    del displacement

    def scan(clean_hu: np.ndarray, scanner: Scanner, noise: str) -> np.ndarray:
        return acquire(blur(clean_hu, scanner, spacing_mm), scanner, spacing_mm, rngs[noise])

    return PhantomPatient(
        seed=seed,
        patient_id=f"PHANTOM-{seed:04d}",
        region=anatomy.region,
        label=anatomy.label,
        spacing_mm=(float(spacing_mm[0]), float(spacing_mm[1]), float(spacing_mm[2])),
        misalignment_mm=float(misalignment_mm),
        ncct_hu=scan(canvas.unenhanced_hu, first, "ncct noise"),
        cta_hu=scan(moved, second, "cta noise"),
        cta_aligned_hu=scan(canvas.arterial_hu, second, "aligned noise"),
        structures=structures,
        sex="F" if habitus.female else "M",
        age_years=round(habitus.age),
        operated=anatomy.operated,
        bulky=anatomy.bulky,
    )


def clean_enhancement_hu(anatomy: Anatomy, spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """What contrast adds to the NCCT, as the patient's scanner shows it, without noise.

    Args:
        anatomy: of `draw_anatomy`, fresh: its stream of the scanner is drawn from.
        spacing_mm: (row, column, slice).

    Returns:
        HU, float32, shape (z, y, x).
    """
    canvas = anatomy.canvas
    return blur(canvas.arterial_hu - canvas.unenhanced_hu, draw_scanner(anatomy.rngs["scanner"]), spacing_mm)
