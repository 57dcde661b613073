"""Pairs packed small: lossy JPEG 2000 slices of a whole cohort, to be carried to a machine with a GPU."""

from cohorts.pack.patient_pack import PackedPatient, read_pack, write_pack

__all__ = ["PackedPatient", "read_pack", "write_pack"]
