"""Context maps as training reads them."""

import nibabel
import numpy as np
import pytest
import torch

from scripts.data import LoadContextMap, LoadContextSliced, write_context


@pytest.fixture
def record(tmp_path) -> dict:
    """An NCCT of 12 columns, 8 rows and 6 slices; a map of 3 slices whose first class rises from feet to head."""
    nibabel.save(nibabel.Nifti1Image(np.zeros((12, 8, 6), np.int16), np.eye(4)), tmp_path / "ncct.nii")
    context_map = torch.zeros(2, 4, 6, 3, dtype=torch.uint8)  # (C, rows, columns, slices)
    context_map[0] = torch.tensor([0, 51, 102])
    context_map[1, :, 3:] = 255
    write_context(context_map, tmp_path / "context.npy")
    return {"patient": "p", "ncct": str(tmp_path / "ncct.nii"), "context": str(tmp_path / "context.npy")}


@pytest.mark.parametrize(("slice_index", "share"), [(0, 0), (1, 0.05), (2, 0.15), (5, 0.4)])
def test_a_slice_gets_what_the_map_says_at_its_height(record, slice_index, share):
    context = LoadContextSliced("context", 2)(record | {"slice_index": slice_index})["context"]
    assert context[0, 3, 3] == pytest.approx(share, abs=1e-4)


def test_rows_and_columns_are_those_of_the_slice(record):
    context = LoadContextSliced("context", 2)(record | {"slice_index": 0})["context"]
    assert context.shape == (2, 8, 12)
    assert context[1, 4].tolist() == pytest.approx([0, 0, 0, 0, 0, 0.25, 0.75, 1, 1, 1, 1, 1])


def test_a_network_without_context_reads_none(record):
    assert "context" not in LoadContextSliced("context", 0)(record | {"slice_index": 0})
    assert set(LoadContextMap(0)(record)) == {"patient", "ncct"}


def test_the_whole_map_comes_with_its_slices_last(record):
    context_map = LoadContextMap(2)(record)["context_map"]
    assert context_map[0, 0, 0].tolist() == [0, 51, 102]


def test_a_patient_without_a_map_is_told_how_to_get_one(record):
    del record["context"]
    with pytest.raises(ValueError, match=r"p has no context.*python -m cohorts\.context"):
        LoadContextMap(2)(record)


def test_a_map_of_other_classes_is_refused(record):
    with pytest.raises(ValueError, match="expected 6 classes"):
        LoadContextMap(6)(record)
