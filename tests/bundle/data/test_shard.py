import pytest

from scripts.data import shard


def test_shares_together_are_all_records_once():
    records = [{"image": str(index)} for index in range(7)]
    shards = [shard(records, rank, 3) for rank in range(3)]
    assert sorted((record for part in shards for record in part), key=lambda record: record["image"]) == records


def test_fewer_patients_than_processes_is_an_error():
    with pytest.raises(ValueError, match="1 validation patients are too few for 2 processes"):
        shard([{"image": "a"}], 0, 2)
