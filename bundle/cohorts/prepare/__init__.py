"""Makes training pairs: finds, checks, resamples, splits and reports a user's scans. The source is only read."""

from cohorts.prepare.cohort import prepare
from cohorts.prepare.options import PatientOptions, SearchOptions, SplitOptions
from cohorts.prepare.settings import Checks, PairOptions

__all__ = ["Checks", "PairOptions", "PatientOptions", "SearchOptions", "SplitOptions", "prepare"]
