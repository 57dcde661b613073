"""Training data: datalists of volumes and their slices."""

from scripts.data.balance import balanced_sampler
from scripts.data.datalist import datalists, patients, slices, validation_volumes, volumes
from scripts.data.slice_reader import LoadSliced

__all__ = ["LoadSliced", "balanced_sampler", "datalists", "patients", "slices", "validation_volumes", "volumes"]
