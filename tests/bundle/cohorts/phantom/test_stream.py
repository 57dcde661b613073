"""Phantoms made beside a training."""

import time

import numpy as np
import pytest

from cohorts.phantom.stream import PhantomStream, PhantomSupply, StreamedPhantom, stream_phantom
from scripts.organs import Organ, bits

pytestmark = pytest.mark.slow

SMALL = {"slices": 8, "matrix": 80, "spacing_mm": (5.0, 5.0, 8.0)}


@pytest.fixture(scope="module")
def chest() -> StreamedPhantom:
    return stream_phantom(3, ["chest"], **SMALL)


def test_spacing_begins_with_the_slice(chest):
    assert chest.spacing_mm == (8.0, 5.0, 5.0)


def test_arteries_take_up_contrast(chest):
    arteries = chest.possible == bits({Organ.ARTERY})
    assert arteries.sum() > 20
    assert np.median(chest.enhancement_hu[arteries]) > 200


def test_muscle_and_bone_take_up_none(chest):
    other = np.isin(chest.possible, [bits({Organ.MUSCLE}), bits({Organ.BONE})])
    assert np.median(chest.enhancement_hu[other]) == 0


def test_every_voxel_has_one_class(chest):
    assert np.all(np.log2(chest.possible) % 1 == 0)


def test_a_chest_shows_what_the_context_network_learns(chest):
    learnt = (Organ.ARTERY, Organ.LEFT_HEART, Organ.RIGHT_HEART, Organ.VEIN, Organ.MYOCARDIUM, Organ.MUSCLE, Organ.BONE)
    assert {bits({organ}) for organ in learnt} <= set(np.unique(chest.possible).tolist())


def test_another_seed_gives_another_patient():
    tiny = {"slices": 2, "matrix": 32, "spacing_mm": (12.0, 12.0, 10.0)}
    first, second = (stream_phantom(seed, ["neck"], **tiny).ncct_hu for seed in (3, 4))
    assert not np.array_equal(first, second)


class _Queue:
    """What a stream has finished by now."""

    def __init__(self, *finished):
        self.finished = list(finished)
        self.closed = False

    def close(self):
        self.closed = True

    def fetch(self):
        while self.finished:
            yield self.finished.pop(0)

    def wait(self):
        return self.finished.pop(0)


def test_a_training_takes_what_is_finished_every_so_many_steps(chest):
    taken = []
    queue = _Queue(chest)
    supply = PhantomSupply(queue, taken.append, every=5)
    for step in (1, 2, 3, 4):
        supply(step)
    assert taken == []
    supply(5)
    assert taken == [chest]


def test_a_training_on_nothing_else_waits_for_its_first_phantoms(chest):
    taken = []
    supply = PhantomSupply(_Queue(chest), taken.append, first=1)
    supply(1)
    assert taken == [chest]


def test_a_training_takes_no_more_phantoms_than_it_wants(chest):
    taken, stream = [], _Queue(chest, chest, chest)
    supply = PhantomSupply(stream, taken.append, every=1, most=2)
    supply(1)
    assert len(taken) == 2


def test_with_the_last_wanted_phantom_the_stream_is_closed(chest):
    stream = _Queue(chest, chest)
    supply = PhantomSupply(stream, lambda phantom: None, every=1, most=2)
    supply(1)
    assert stream.closed


@pytest.mark.slow
def test_a_training_whose_phantom_process_died_does_not_wait_for_ever():
    stream = PhantomStream(7, workers=1, regions=["neck"], slices=400, matrix=512, spacing_mm=(0.5, 0.5, 0.5))
    stream.close()
    with pytest.raises(ChildProcessError, match="No process is left that makes phantoms"):
        stream.wait()


@pytest.mark.slow
def test_processes_make_patients_one_after_another():
    stream = PhantomStream(7, workers=1, regions=["neck"], slices=2, matrix=32, spacing_mm=(12.0, 12.0, 10.0))
    made, end = [], time.monotonic() + 120
    while len(made) < 2 and time.monotonic() < end:
        made += stream.fetch()
        time.sleep(0.1)
    stream.close()
    assert len(made) >= 2
    assert not np.array_equal(made[0].ncct_hu, made[1].ncct_hu)
