"""Evaluation of generators: one evaluator, one set of definitions, for every model and table."""

from scripts.evaluation.evaluator import CohortEvaluator
from scripts.evaluation.synthesis import Synthesis

__all__ = ["CohortEvaluator", "Synthesis"]
