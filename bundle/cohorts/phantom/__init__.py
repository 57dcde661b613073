"""Seeded synthetic patients with NCCT, CTA and truth.

Run `python -m cohorts.phantom --help` from the bundle's folder.
"""

from cohorts.phantom.output.cohort import write_cohort
from cohorts.phantom.output.dicom import write_dicom_series
from cohorts.phantom.patient import PhantomPatient, generate_patient

__all__ = ["PhantomPatient", "generate_patient", "write_cohort", "write_dicom_series"]
