"""Random views of whole scans, made on the training device: a few real patients become many."""

from scripts.views.context_views import ContextViews, KnownScan, known_scan

__all__ = ["ContextViews", "KnownScan", "known_scan"]
