"""The context map of a whole scan: what the context network says of each place, for the generator."""

from scripts.context.coarse_scan import coarse_scan
from scripts.context.prepare_batch import with_context
from scripts.context.whole_scan import WholeScanContext

__all__ = ["WholeScanContext", "coarse_scan", "with_context"]
