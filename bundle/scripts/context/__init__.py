"""The context map of a whole scan: the context network's classes of each place, as input of the generator."""

from scripts.context.coarse_scan import coarse_scan
from scripts.context.prepare_batch import with_context
from scripts.context.whole_scan import WholeScanContext

__all__ = ["WholeScanContext", "coarse_scan", "with_context"]
