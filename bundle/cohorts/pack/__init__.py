"""Packs the pairs of a cohort into small files (lossy JPEG 2000 slices), to copy them to a machine with a GPU."""

from cohorts.pack.patient_pack import PackedPatient, read_pack, write_pack

__all__ = ["PackedPatient", "read_pack", "write_pack"]
