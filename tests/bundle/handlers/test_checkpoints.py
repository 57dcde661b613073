import pytest

from scripts.handlers import check_output, latest_checkpoint


def test_the_latest_epoch_is_found_by_number(tmp_path):
    for epoch in (2, 10, 9):
        (tmp_path / f"checkpoint_epoch={epoch}.pt").touch()
    assert latest_checkpoint(tmp_path).endswith("checkpoint_epoch=10.pt")


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no run to resume"):
        latest_checkpoint(tmp_path)


def test_a_new_run_is_kept_out_of_a_used_folder(tmp_path):
    (tmp_path / "checkpoint_epoch=1.pt").touch()
    with pytest.raises(FileExistsError, match="--resume True"):
        check_output(tmp_path, resume=False)


def test_a_resumed_run_may_use_its_folder(tmp_path):
    (tmp_path / "checkpoint_epoch=1.pt").touch()
    check_output(tmp_path, resume=True)
