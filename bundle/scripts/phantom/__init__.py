"""Seeded synthetic patients with NCCT, CTA and truth.

Run `python -m scripts.phantom --help` from the bundle's folder.
"""

from .cohort import write_cohort
from .dicom import write_dicom_series
from .patient import PhantomPatient, generate_patient

__all__ = ["PhantomPatient", "generate_patient", "write_cohort", "write_dicom_series"]
