"""A user's scans become training pairs: found, checked, resampled, split and reported. The source is only read."""

from cohorts.prepare.cohort import prepare

__all__ = ["prepare"]
