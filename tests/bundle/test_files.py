"""Files, folders and texts that appear whole or not at all."""

import os

import pytest
import torch

from scripts.files import DRAFT_PREFIX, remove_drafts, save_whole, whole_folder, write_whole


def test_the_content_comes_back(tmp_path):
    save_whole({"a": torch.ones(2)}, tmp_path / "new" / "model.pt")
    assert torch.equal(torch.load(tmp_path / "new" / "model.pt", weights_only=True)["a"], torch.ones(2))


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    save_whole({"a": 1}, tmp_path / "model.pt")

    def no_room(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="Check the free disk space"):
        save_whole({"a": 2}, tmp_path / "model.pt")
    assert torch.load(tmp_path / "model.pt", weights_only=True) == {"a": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]


def test_a_folder_appears_at_the_end_in_place_of_the_old_one(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old").touch()
    with whole_folder(tmp_path / "a") as draft:
        (draft / "new").touch()
        assert [path.name for path in (tmp_path / "a").iterdir()] == ["old"]
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["new"]


def test_an_error_leaves_the_old_folder_and_no_draft(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="full"), whole_folder(tmp_path / "a") as draft:
        (draft / "half").touch()
        raise OSError("full")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_text_replaces_the_old_one_at_once(tmp_path):
    (tmp_path / "a.json").write_text("old")
    write_whole(tmp_path / "a.json", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.json", "new")]


def test_drafts_of_a_killed_run_are_removed_and_nothing_else(tmp_path):
    (tmp_path / f"{DRAFT_PREFIX}case-0001-x").mkdir()
    (tmp_path / f"{DRAFT_PREFIX}case-0001-x" / "ncct.nii").touch()
    (tmp_path / f"{DRAFT_PREFIX}datalist.json").touch()
    (tmp_path / "case-0001").mkdir()
    remove_drafts(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["case-0001"]
