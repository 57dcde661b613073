"""Makes training pairs: finds, checks, resamples, splits and reports a user's scans. The source is only read."""

from cohorts.prepare.cohort import prepare
from cohorts.prepare.options import Finding, Patients, Splitting
from cohorts.prepare.settings import Checks, Making

__all__ = ["Checks", "Finding", "Making", "Patients", "Splitting", "prepare"]
