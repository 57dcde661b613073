from pathlib import Path

import pytest
import torch
from ignite.engine import Engine

from scripts.data import patients
from scripts.files import DRAFT_PREFIX
from scripts.handlers import Checkpoints, TrainingData, check_output, latest_checkpoint, stage1_checkpoint


def run(folder, epochs: int, **settings: int) -> torch.nn.Module:
    network = torch.nn.Linear(1, 1)
    engine = Engine(lambda engine, batch: None)
    Checkpoints(folder, {"generator": network, "average": None}, **settings).attach(engine)
    engine.run([0], max_epochs=epochs)
    return network


def names(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_latest_two_stay(tmp_path):
    run(tmp_path, epochs=4)
    assert names(tmp_path) == {"checkpoint_epoch=3.pt", "checkpoint_epoch=4.pt"}


def test_those_of_a_run_before_it_was_resumed_do_not_pile_up(tmp_path):
    run(tmp_path, epochs=2)
    run(tmp_path, epochs=3, latest=1)
    assert names(tmp_path) == {"checkpoint_epoch=3.pt"}


def test_the_last_epoch_has_one_whatever_the_interval(tmp_path):
    run(tmp_path, epochs=5, interval=3)
    assert names(tmp_path) == {"checkpoint_epoch=3.pt", "checkpoint_epoch=5.pt"}


def test_what_a_run_does_not_have_is_left_out(tmp_path):
    network = run(tmp_path, epochs=1)
    saved = torch.load(tmp_path / "checkpoint_epoch=1.pt", weights_only=True)
    assert set(saved) == {"generator"}
    assert torch.equal(saved["generator"]["weight"], network.weight)


def test_the_latest_epoch_is_found_by_number(tmp_path):
    for epoch in (2, 10, 9):
        (tmp_path / f"checkpoint_epoch={epoch}.pt").touch()
    assert latest_checkpoint(tmp_path).endswith("checkpoint_epoch=10.pt")


def test_half_a_checkpoint_is_never_taken_for_one(tmp_path):
    (tmp_path / "checkpoint_epoch=2.pt").touch()
    (tmp_path / f"{DRAFT_PREFIX}checkpoint_epoch=3.pt").touch()
    assert latest_checkpoint(tmp_path).endswith("checkpoint_epoch=2.pt")


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no run to resume"):
        latest_checkpoint(tmp_path)


def test_a_new_run_is_kept_out_of_a_used_folder(tmp_path):
    (tmp_path / "checkpoint_epoch=1.pt").touch()
    with pytest.raises(FileExistsError, match=r"--resume True.*another --output_dir"):
        check_output(tmp_path, resume=False)


def test_a_resumed_run_may_use_its_folder(tmp_path):
    (tmp_path / "checkpoint_epoch=1.pt").touch()
    check_output(tmp_path, resume=True)


@pytest.fixture
def data(small_datalist) -> TrainingData:
    return TrainingData(patients(small_datalist, "training"))


def stage1(folder: Path, data: TrainingData, epochs: int) -> None:
    engine = Engine(lambda engine, batch: None)
    Checkpoints(folder, {"trainer": engine, "training_data": data}).attach(engine)
    engine.run([0], max_epochs=epochs)


def test_stage_2_takes_the_latest_of_a_folder_or_the_file_itself(tmp_path, data):
    stage1(tmp_path, data, epochs=2)
    assert stage1_checkpoint(tmp_path, data).endswith("checkpoint_epoch=2.pt")
    assert stage1_checkpoint(tmp_path / "checkpoint_epoch=1.pt", data).endswith("checkpoint_epoch=1.pt")


def test_stage_2_without_stage_1_says_what_to_do(tmp_path, data):
    with pytest.raises(FileNotFoundError, match=r"Run stage 1 first.*--stage1"):
        stage1_checkpoint(tmp_path / "absent", data)


def test_stage_2_after_all_of_stage_1_on_the_same_data_warns_of_nothing(tmp_path, data, caplog):
    stage1(tmp_path, data, epochs=2)
    stage1_checkpoint(tmp_path, data)
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_stage_2_after_part_of_stage_1_is_warned_of(tmp_path, data, caplog):
    stage1(tmp_path, data, epochs=2)
    stage1_checkpoint(tmp_path / "checkpoint_epoch=1.pt", data)
    assert "Stage 1 was stopped at step 1 of 2: checkpoint_epoch=1.pt" in caplog.text


def test_stage_2_on_other_data_is_warned_of(tmp_path, data, small_datalist, caplog):
    stage1(tmp_path, data, epochs=1)
    stage1_checkpoint(tmp_path, TrainingData(patients(small_datalist, "validation")))
    assert "(patients: 2), digest" in caplog.text
    assert "(patients: 1), digest" in caplog.text
