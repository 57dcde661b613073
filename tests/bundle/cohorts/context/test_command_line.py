"""Context maps of a cohort, and a training that uses them."""

import json

import numpy as np
import pytest
from bundle.small_cohort import write_small_cohort
from bundle.small_training import train

from cohorts.context.__main__ import main
from scripts.organs import CONTEXT_ORGANS
from tests.stand_in_bundle import write_random_bundle

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def random_bundle(tmp_path_factory, bundle_folder):
    return write_random_bundle(tmp_path_factory.mktemp("random") / "bundle", bundle_folder, context=True)


@pytest.fixture(scope="module")
def datalist(tmp_path_factory, random_bundle):
    path = write_small_cohort(tmp_path_factory.mktemp("cohort"))
    config, weights = random_bundle / "configs" / "inference.yaml", random_bundle / "models" / "context.pt"
    assert main(["--datalist", str(path), "--weights", str(weights), "--config", str(config)]) == 0
    return path


def test_every_patient_has_a_map_of_the_same_field_of_view(datalist):
    records = [record for split in json.loads(datalist.read_text()).values() for record in split]
    assert len(records) == 3
    for record in records:
        context_map = np.load(datalist.parent / record["context"])
        assert context_map.shape == (4, len(CONTEXT_ORGANS), 43, 43)  # 8 * 1.25 / 2.5, 128 * 0.67 / 2
        assert context_map.any()


def test_missing_weights_are_named(datalist, tmp_path, capsys):
    assert main(["--datalist", str(datalist), "--weights", str(tmp_path / "nothing.pt")]) == 1
    assert "nothing.pt" in capsys.readouterr().err


@pytest.mark.slow
def test_a_generator_trains_with_the_maps(datalist, bundle_folder, tmp_path):
    run = train(bundle_folder, datalist, tmp_path, max_epochs=1, **{"network_def::context_channels": 6})
    assert (run / "model.pt").is_file()
