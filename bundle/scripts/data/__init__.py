"""Training data: datalists of volumes and their slices."""

from scripts.data.balance import BalancedSampler, Draw
from scripts.data.context_reader import LoadContextMap, LoadContextSliced, write_context
from scripts.data.datalist import datalists, patients, slices, validation_volumes, volumes
from scripts.data.draws import log_draws
from scripts.data.seeded_dataset import SeededDataset
from scripts.data.shard import shard
from scripts.data.slice_reader import LoadSliced
from scripts.data.unpaired_dataset import UnpairedDataset

__all__ = [
    "BalancedSampler",
    "Draw",
    "LoadContextMap",
    "LoadContextSliced",
    "LoadSliced",
    "SeededDataset",
    "UnpairedDataset",
    "datalists",
    "log_draws",
    "patients",
    "shard",
    "slices",
    "validation_volumes",
    "volumes",
    "write_context",
]
