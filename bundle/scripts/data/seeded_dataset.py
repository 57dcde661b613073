"""A data set whose random augmentation depends on the draw alone."""

import torch
from monai.data import Dataset

from scripts.data.balance import Draw


class SeededDataset(Dataset):
    """MONAI's `Dataset`, its transform seeded again for every draw.

    So an augmented slice does not depend on the worker or process that makes it, and a resumed run continues exactly.
    """

    def __getitem__(self, draw: Draw) -> dict[str, torch.Tensor]:
        """Load and augment the slice of a draw."""
        self.transform.set_random_state(seed=draw.seed)
        return self.transform(self.data[draw.index])
