"""Random views of whole scans, made on the training device: a few real patients give many samples."""

from scripts.views.context_views import ContextViews
from scripts.views.generator_views import GeneratorViews
from scripts.views.turns import InTurn

__all__ = ["ContextViews", "GeneratorViews", "InTurn"]
