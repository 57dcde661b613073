import os

import pytest
import torch

from scripts.handlers.whole_file import save_whole


def test_the_content_comes_back(tmp_path):
    save_whole({"a": torch.ones(2)}, tmp_path / "new" / "model.pt")
    assert torch.equal(torch.load(tmp_path / "new" / "model.pt", weights_only=True)["a"], torch.ones(2))


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    save_whole({"a": 1}, tmp_path / "model.pt")

    def no_room(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="Is there room on the disk"):
        save_whole({"a": 2}, tmp_path / "model.pt")
    assert torch.load(tmp_path / "model.pt", weights_only=True) == {"a": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt"]
