"""Makes training pairs of a user's scans: found, checked, resampled, split and reported. The source is only read."""

from cohorts.prepare.cohort import prepare
from cohorts.prepare.options import Finding, Patients, Splitting
from cohorts.prepare.settings import Checks, Making

__all__ = ["Checks", "Finding", "Making", "Patients", "Splitting", "prepare"]
