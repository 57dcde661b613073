"""How a run's networks are built, recorded in its checkpoints: a run that is resumed with others is refused."""

from collections.abc import Mapping
from typing import Any

from torch import nn


class NetworkShapes:
    """Part of a run's state that only loads what was saved with networks of the same shape.

    A generator takes weights of fewer neighbouring slices too (`ResidualGenerator`), but the moments of its optimiser
    do not follow: a run cannot go on with them.

    Args:
        networks: the run's networks, by name.
    """

    def __init__(self, networks: Mapping[str, nn.Module]) -> None:
        self._shapes = {
            name: {key: list(value.shape) for key, value in network.state_dict().items()}
            for name, network in networks.items()
        }

    def state_dict(self) -> dict[str, Any]:
        return self._shapes

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Compare.

        Raises:
            ValueError: when these are not the networks of the checkpoint.
        """
        for name, shapes in self._shapes.items():
            found = state[name]
            for key in dict.fromkeys([*found, *shapes]):
                if found.get(key) != shapes.get(key):
                    raise ValueError(
                        f"{key} of the {name} is {_description(found.get(key))} in the run and "
                        f"{_description(shapes.get(key))} in this command. To resume the run, give its command, "
                        "with its --network_def, and --resume True. For another network start a new run with another "
                        "--output_dir and without --resume; if the weights fit, with --pretrained RUN/model.pt."
                    )


def _description(shape: list[int] | None) -> str:
    return "missing" if shape is None else " x ".join(map(str, shape))
