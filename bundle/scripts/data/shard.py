"""Splits records among processes."""

from collections.abc import Sequence


def shard(records: Sequence[dict], rank: int, world_size: int) -> list[dict]:
    """Return every n-th record: what process `rank` of `world_size` has to do.

    Raises:
        ValueError: when there are fewer records than processes: an idle one would make the others wait forever.
    """
    if len(records) < world_size:
        raise ValueError(
            f"{len(records)} validation patients are too few for {world_size} processes. Add patients, raise "
            "--val_patients, or use fewer processes."
        )
    return list(records[rank::world_size])
