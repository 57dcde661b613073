import numpy as np
import pytest

from scripts.metrics import body_structures


@pytest.fixture
def ncct_hu() -> np.ndarray:
    """A body with a lung, on a table 2 pixels thick that touches it."""
    x, y = np.mgrid[:60, :60]
    plane = np.full((60, 60), -1000.0)
    plane[(x - 30) ** 2 + (y - 25) ** 2 < 20**2] = 40
    plane[(x - 24) ** 2 + (y - 22) ** 2 < 6**2] = -850
    plane[5:55, 45:47] = 100
    return plane[..., None].repeat(3, axis=2)


def test_the_lung_belongs_to_the_body(ncct_hu):
    assert body_structures(ncct_hu)[24, 22, 1] == 1


def test_the_table_does_not(ncct_hu):
    structures = body_structures(ncct_hu)
    assert structures[8, 46, 1] == 0
    assert structures[30, 40, 1] == 1


def test_air_has_no_body():
    assert not body_structures(np.full((8, 8, 8), -1000.0)).any()
