"""Random views of whole scans, made on the training device: a few real patients give many samples."""

from scripts.views.alternating_batches import AlternatingBatches
from scripts.views.context_views import ContextViews
from scripts.views.generator_views import GeneratorViews

__all__ = ["AlternatingBatches", "ContextViews", "GeneratorViews"]
