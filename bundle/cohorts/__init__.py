"""Cohorts to train and evaluate on: phantoms, own pairs made ready, pseudo-pairs from CTA."""
