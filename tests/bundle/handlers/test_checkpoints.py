import pytest

from scripts.handlers import latest_checkpoint


def test_the_latest_epoch_is_found_by_number(tmp_path):
    for epoch in (2, 10, 9):
        (tmp_path / f"checkpoint_epoch={epoch}.pt").touch()
    assert latest_checkpoint(tmp_path).endswith("checkpoint_epoch=10.pt")


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no run to resume"):
        latest_checkpoint(tmp_path)
