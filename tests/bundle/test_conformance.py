"""The bundle conforms to MONAI 1.6.1: files, metadata, properties, network, every config runs."""

import json
import os
import shutil
import subprocess
import sys
import traceback
from contextlib import chdir
from importlib.metadata import version
from pathlib import Path

import fire
import nibabel
import numpy as np
import pytest
import torch
from bundle.small_training import curve, train
from monai.bundle import ConfigParser, ConfigWorkflow, run, verify_net_in_out

from cohorts.pack import PackedPatient, write_pack
from scripts.organs import possible

pytestmark = [pytest.mark.slow, pytest.mark.long]

REQUIRED_METADATA = {
    "version", "monai_version", "pytorch_version", "numpy_version", "required_packages_version", "task", "description",
    "authors", "copyright", "network_data_format", "intended_use", "changelog",
}  # fmt: skip
FILES = [
    "LICENSE", "configs/metadata.json", "configs/inference.yaml", "configs/train.yaml", "configs/evaluate.yaml",
    "configs/logging.conf",
    "models/model.pt", "docs/README.md", "docs/data_license.txt", "scripts/__init__.py",
]  # fmt: skip


def run_bundle(bundle_folder: Path, *arguments: str) -> str:
    """Run `python -m monai.bundle run` as a user would, in the bundle's folder; returns what it printed."""
    finished = subprocess.run(
        [sys.executable, "-m", "monai.bundle", "run", *arguments],
        cwd=bundle_folder, env=os.environ | {"OMP_NUM_THREADS": "2"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr[-3000:]
    return finished.stdout + finished.stderr


def run_here(bundle_folder: Path, *arguments: str) -> None:
    """The same command line in this process, which has loaded MONAI already; logging is left as it is."""
    with chdir(bundle_folder):
        fire.Fire(run, command=[*arguments, "--logging_file", "False"])


def printed_by_failure(bundle_folder: Path, *arguments: str) -> str:
    """What Python prints on standard error where the same command line fails."""
    with pytest.raises(Exception) as failure:
        run_here(bundle_folder, *arguments)
    return "".join(traceback.format_exception(failure.value))


@pytest.fixture
def in_bundle(bundle_folder, monkeypatch):
    monkeypatch.chdir(bundle_folder)
    return bundle_folder


@pytest.fixture
def metadata(bundle_folder) -> dict:
    return json.loads((bundle_folder / "configs" / "metadata.json").read_text())


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_specification_is_there(bundle_folder, name):
    assert (bundle_folder / name).is_file()


def test_metadata_has_what_the_specification_asks_for(metadata):
    assert set(metadata) >= REQUIRED_METADATA


def test_metadata_explains_its_own_version(metadata):
    assert metadata["version"] in metadata["changelog"]


def test_metadata_names_the_versions_that_are_installed(metadata):
    versions = {"monai": metadata["monai_version"], "torch": metadata["pytorch_version"]}
    versions |= {"numpy": metadata["numpy_version"]} | metadata["required_packages_version"]
    assert {name: version(name).split("+")[0] for name in versions} == versions


def test_metadata_and_configs_agree_on_window_and_spacing(metadata, bundle_folder):
    inference = ConfigParser.load_config_file(bundle_folder / "configs" / "inference.yaml")
    train = ConfigParser.load_config_file(bundle_folder / "configs" / "train.yaml")
    assert inference["hu_range"] == train["hu_range"] == metadata["hu_range"]
    trained_mm = [train["pixel_mm"], train["pixel_mm"], train["slice_mm"]]
    assert inference["spacing_mm"] == trained_mm == metadata["spacing_mm"]


@pytest.mark.parametrize("setting", ["hu_floor", "body_threshold_hu"])
def test_training_sees_what_inference_sees(bundle_folder, setting):
    inference = ConfigParser.load_config_file(bundle_folder / "configs" / "inference.yaml")
    train = ConfigParser.load_config_file(bundle_folder / "configs" / "train.yaml")
    assert train[setting] == inference[setting]


def test_training_and_inference_use_the_same_generator(bundle_folder):
    inference = ConfigParser.load_config_file(bundle_folder / "configs" / "inference.yaml")
    train = ConfigParser.load_config_file(bundle_folder / "configs" / "train.yaml")
    context = {"context_channels": inference["network_def"]["context_channels"]}  # maps of own data are made on request
    assert inference["network_def"] == train["network_def"] | context


def test_the_network_takes_and_gives_what_metadata_says(in_bundle):
    verify_net_in_out("network_def", "configs/metadata.json", "configs/inference.yaml", device="cpu")


def test_the_weights_are_a_raw_state_dict_of_the_network(in_bundle):
    state = torch.load("models/model.pt", weights_only=True)
    parser = ConfigParser(ConfigParser.load_config_file("configs/inference.yaml"))
    parser.get_parsed_content("network_def").load_state_dict(state)


def test_the_inference_properties_are_complete(in_bundle, small_datalist):
    workflow = ConfigWorkflow(
        "configs/inference.yaml",
        workflow_type="infer",
        logging_file=False,
        device="cpu",
        dataset_dir=str(small_datalist.parent / "patient-0"),
    )
    workflow.initialize()
    assert workflow.check_properties() == []


def test_the_training_properties_are_complete(in_bundle, tmp_path, small_datalist):
    workflow = ConfigWorkflow(
        "configs/train.yaml", workflow_type="train", logging_file=False, output_dir=str(tmp_path),
        datalist=str(small_datalist), device="cpu",
    )  # fmt: skip
    workflow.initialize()
    assert workflow.check_properties() == []


def test_inference_on_a_folder_without_volumes_says_so(bundle_folder, tmp_path):
    options = ["--config_file", "configs/inference.yaml", "--dataset_dir", str(tmp_path)]
    assert "No *.nii or *.nii.gz in" in printed_by_failure(bundle_folder, *options)


def test_inference_on_a_folder_of_nifti_keeps_the_grid(bundle_folder, tmp_path, small_datalist):
    source = nibabel.load(small_datalist.parent / "patient-0" / "ncct.nii")
    (tmp_path / "in").mkdir()
    nibabel.save(source, tmp_path / "in" / "a.nii.gz")
    run_bundle(
        bundle_folder, "--config_file", "configs/inference.yaml",
        "--dataset_dir", str(tmp_path / "in"), "--output_dir", str(tmp_path / "out"),
    )  # fmt: skip
    synthetic = nibabel.load(tmp_path / "out" / "a_syn_cta.nii.gz")
    assert synthetic.shape == source.shape
    np.testing.assert_allclose(synthetic.affine, source.affine)


def small_run(datalist: Path, out: Path, *more: str) -> list[str]:
    """Options of a training run on tiny volumes with tiny networks."""
    return [
        "training", "--config_file", "configs/train.yaml", "--datalist", str(datalist),
        "--output_dir", str(out), "--patch_px", "128", "--slices_per_epoch", "8", "--num_workers", "0",
        "--registration_def::channels", "[4,4]", "--registration_def::bottleneck_channels", "8",
        "--discriminator_def::base_channels", "4", "--generator_lr", "0.002", "--highlight_weight", "2",
        "--constant_epochs", "9", *more,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def trained(bundle_folder, tmp_path_factory, small_datalist) -> Path:
    """Folder of an uninterrupted run of two epochs."""
    out = tmp_path_factory.mktemp("run")
    run_here(bundle_folder, *small_run(small_datalist, out, "--max_epochs", "2"))
    return out


def test_training_leaves_checkpoint_best_generator_and_curves(trained):
    assert (trained / "checkpoint_epoch=2.pt").is_file()
    assert (trained / "model.pt").is_file()
    assert list(trained.glob("events.out.tfevents.*"))


def test_the_best_generator_loads_into_the_inference_network(trained, in_bundle):
    parser = ConfigParser(ConfigParser.load_config_file("configs/inference.yaml") | {"context": None})
    parser.get_parsed_content("network_def").load_state_dict(torch.load(trained / "model.pt", weights_only=True))


def test_evaluation_scores_several_models_into_one_report(trained, bundle_folder, small_datalist, tmp_path):
    best, epoch = trained / "model.pt", trained / "last.pt"
    shutil.copy2(best, epoch)
    run_here(
        bundle_folder, "--config_file", "configs/evaluate.yaml", "--datalist", str(small_datalist),
        "--split", "validation", "--output_dir", str(tmp_path),
        "--models", f"{{'best': {{'checkpoint': '{best}', 'context': None}}}}",
        "--models::last", f"{{'checkpoint': '{epoch}', 'context': None, 'amp': False}}",
    )  # fmt: skip
    report = (tmp_path / "report.md").read_text()
    for model in ("NCCT unchanged", "best", "last"):
        assert f"| all | 1 | {model} |" in report
    assert (tmp_path / "patients.csv").is_file()


def test_evaluation_without_a_datalist_says_so(in_bundle, tmp_path):
    parser = ConfigParser(ConfigParser.load_config_file("configs/evaluate.yaml"))
    parser["dataset_dir"] = str(tmp_path)
    with pytest.raises(RuntimeError) as refusal:
        parser.get_parsed_content("dataset")
    assert "No datalist at" in str(refusal.value.__cause__)


def test_a_run_stopped_after_an_epoch_and_resumed_ends_with_the_same_weights(
    trained, bundle_folder, small_datalist, tmp_path
):
    shutil.copy2(trained / "checkpoint_epoch=1.pt", tmp_path)
    run_here(bundle_folder, *small_run(small_datalist, tmp_path, "--max_epochs", "2", "--resume", "True"))
    assert len(curve(tmp_path)) == len(curve(trained)) / 2, "the second epoch alone is run"
    resumed, uninterrupted = (
        torch.load(folder / "checkpoint_epoch=2.pt", weights_only=True)["generator"] for folder in (tmp_path, trained)
    )
    for name, value in uninterrupted.items():
        torch.testing.assert_close(resumed[name], value, msg=name)


def test_training_starts_from_pretrained_weights(trained, bundle_folder, small_datalist, tmp_path):
    still = ["--generator_lr", "0", "--max_epochs", "1", "--pretrained", str(trained / "model.pt")]
    run_here(bundle_folder, *small_run(small_datalist, tmp_path, *still))
    before, after = (torch.load(folder / "model.pt", weights_only=True) for folder in (trained, tmp_path))
    for name, value in before.items():
        if "running_" not in name and "num_batches" not in name:  # statistics follow the slices at any rate
            torch.testing.assert_close(after[name], value, msg=name)


def test_a_new_run_is_kept_out_of_the_folder_of_another(trained, bundle_folder, small_datalist):
    printed = printed_by_failure(bundle_folder, *small_run(small_datalist, trained))
    assert "For a new run give another --output_dir" in printed


def test_the_papers_generator_trains_by_one_override(bundle_folder, small_datalist, tmp_path):
    network = "{'_target_': 'scripts.networks.PaperGenerator', 'base_channels': 4, 'blocks': 1}"
    run_here(bundle_folder, *small_run(small_datalist, tmp_path, "--max_epochs", "1", "--network_def", network))
    assert "model_head.1.weight" in torch.load(tmp_path / "model.pt", weights_only=True)


def test_pairs_without_truth_and_structures_train_and_validate(bundle_folder, small_datalist, tmp_path):
    splits = json.loads(small_datalist.read_text())
    for records in splits.values():
        for record in records:
            record["ncct"] = str(small_datalist.parent / record["ncct"])
            record["cta"] = str(small_datalist.parent / record["cta"])
            for key in ("cta_aligned", "structures", "region", "label"):
                del record[key]
    (tmp_path / "datalist.json").write_text(json.dumps(splits))
    run_here(bundle_folder, *small_run(tmp_path / "datalist.json", tmp_path / "run", "--max_epochs", "1"))
    assert (tmp_path / "run" / "model.pt").is_file()


@pytest.fixture
def one_pack(tmp_path) -> Path:
    random = np.random.default_rng(0)
    ncct_hu = random.normal(40, 20, (12, 64, 64)).astype(np.int16)
    organs = possible(random.integers(0, 3, ncct_hu.shape))
    known = np.ones(ncct_hu.shape, bool)
    write_pack(PackedPatient(ncct_hu, np.abs(ncct_hu), organs, known, (2.5, 1.0, 1.0)), tmp_path / "one.pack")
    return tmp_path


def finite_weights(path: Path) -> bool:
    return all(torch.isfinite(value).all() for value in torch.load(path, weights_only=True).values())


def run_two_steps(bundle_folder, one_pack, configs: list[str], view_size: list[int], *options: str) -> None:
    files = str([f"configs/{name}.yaml" for name in configs])
    run_here(
        bundle_folder, "--config_file", files, "--packs", str(one_pack), "--output_dir", str(one_pack),
        "--steps", "2", "--batch_size", "1", "--view_size", str(view_size), "--phantom_workers", "1",
        "--phantom_slices", "4", "--phantom_matrix", "32", *options,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "view_size", "weights"), [("context", [16, 32, 48], "context.pt"), ("shipped", [64, 96], "model.pt")]
)
def test_the_shipped_weights_can_be_trained_again(bundle_folder, one_pack, name, view_size, weights):
    run_two_steps(bundle_folder, one_pack, [name], view_size, "--trainer#statistics_batches", "1")
    assert finite_weights(one_pack / weights)


@pytest.mark.slow
def test_a_trained_context_network_can_be_tuned(bundle_folder, one_pack):
    near = ["--near_slices", "{'one': [0, 12]}", "--near_size", "[16, 32, 48]"]
    run_two_steps(bundle_folder, one_pack, ["context", "context_tuning"], [16, 32, 48], *near)
    assert finite_weights(one_pack / "context.pt")


@pytest.mark.slow
def test_a_trained_generator_can_be_tuned(bundle_folder, one_pack):
    few = [
        "--neck_size",
        "[64, 96]",
        "--phantom_size",
        "[64, 96]",
        "--neck_supply#first",
        "1",
        "--supply#first",
        "1",
        "--phantom_most",
        "1",
    ]
    run_two_steps(bundle_folder, one_pack, ["shipped", "shipped_tuning"], [64, 96], *few)
    assert finite_weights(one_pack / "model.pt")


@pytest.mark.parametrize("name", ["pix2pix", "cyclegan", "reggan", "regression"])
def test_a_baseline_trains(bundle_folder, small_datalist, tmp_path, name):
    # test_training.py runs finetune.yaml, test_multi_gpu.py multi_gpu_train.yaml, test_mlflow.py mlflow.yaml.
    train(bundle_folder, small_datalist, tmp_path, name, max_epochs=1)
    losses = ConfigParser.load_config_files([str(bundle_folder / f"configs/{part}.yaml") for part in ("train", name)])
    assert all(len(curve(tmp_path, loss)) == 2 for loss in losses["losses"])
    assert (tmp_path / "model.pt").is_file()


def test_without_a_datalist_training_makes_its_own_phantoms(bundle_folder, tmp_path):
    options = small_run(Path(), tmp_path / "run", "--max_epochs", "1")
    at = options.index("--datalist")
    del options[at : at + 2]
    run_here(
        bundle_folder, *options, "--dataset_dir", str(tmp_path / "phantoms"), "--phantom_training", "1",
        "--phantom_validation", "1", "--phantom_slices", "8", "--phantom_matrix", "128",
        "--pixel_mm", "2.68", "--slice_mm", "5.0", "--phantom_workers", "1",
    )  # fmt: skip
    assert (tmp_path / "phantoms" / "datalist.json").is_file()
    assert (tmp_path / "run" / "model.pt").is_file()


def test_own_scans_are_prepared_into_a_training_folder(bundle_folder, small_datalist, tmp_path):
    run_here(
        bundle_folder, "prepare", "--config_file", "configs/prepare.yaml", "--source", str(small_datalist.parent),
        "--output_dir", str(tmp_path / "own"), "--min_slices", "4", "--workers", "0",
    )  # fmt: skip
    splits = json.loads((tmp_path / "own" / "datalist.json").read_text())
    assert {name: len(patients) for name, patients in splits.items()} == {"training": 1, "validation": 1, "test": 1}


def test_display_saves_a_picture_of_the_first_batch(bundle_folder, small_datalist, tmp_path):
    run_here(
        bundle_folder, "display", "--config_file", "configs/train.yaml", "--datalist", str(small_datalist),
        "--output_dir", str(tmp_path), "--patch_px", "128", "--num_workers", "0",
    )  # fmt: skip
    assert (tmp_path / "first_batch.png").is_file()


def test_resuming_where_nothing_was_started_says_so(bundle_folder, tmp_path, small_datalist):
    options = small_run(small_datalist, tmp_path, "--resume", "True")
    assert "there is no run to resume" in printed_by_failure(bundle_folder, *options)
