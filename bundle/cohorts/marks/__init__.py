"""Vessels and other structures of real CT, marked by hand as circles: read, drawn on slices, joined to tubes."""

from cohorts.marks.circles import Circle, read_marks

__all__ = ["Circle", "read_marks"]
