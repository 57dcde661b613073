from scripts.data import Draw, SeededDataset, UnpairedDataset

RECORDS = [{"region": "chest", "ncct": index, "cta": index} for index in range(50)]
RECORDS += [{"region": "neck", "ncct": index, "cta": index} for index in range(50, 100)]


class KeepVolumes:
    """A transform that does nothing and takes a seed."""

    def set_random_state(self, seed: int) -> None:
        pass

    def __call__(self, record: dict) -> dict:
        return record


def unpaired() -> list[dict]:
    dataset = UnpairedDataset(SeededDataset(RECORDS, KeepVolumes()), by=["region"])
    return [dataset[Draw(index, seed=index)] for index in range(len(RECORDS))]


def test_the_cta_is_of_another_slice():
    assert sum(pair["ncct"] == pair["cta"] for pair in unpaired()) < 10


def test_the_cta_is_of_the_same_group():
    assert all((pair["ncct"] < 50) == (pair["cta"] < 50) for pair in unpaired())


def test_a_draw_is_always_unpaired_in_the_same_way():
    assert unpaired() == unpaired()
