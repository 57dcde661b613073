"""The report: from an export to tables, figures and text; the same bytes every time."""
