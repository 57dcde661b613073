"""Small patients that several test files share: whole body, coarse voxels, made once."""

from functools import cache

from cohorts.phantom import PhantomPatient, generate_patient

COARSE = {"slices": 12, "matrix": 128, "spacing_mm": (3.0, 3.0, 5.0)}
FINE = {"slices": 8, "matrix": 200, "spacing_mm": (1.8, 1.8, 4.0)}


@cache
def coarse_patient(seed: int, region: str, label: str, misalignment_mm: float = 4.0) -> PhantomPatient:
    return generate_patient(seed, region, label, misalignment_mm=misalignment_mm, **COARSE)


@cache
def fine_patient(seed: int, region: str, label: str) -> PhantomPatient:
    return generate_patient(seed, region, label, **FINE)
