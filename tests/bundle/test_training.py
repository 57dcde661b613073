"""What train.yaml and its overlays promise: the paper's numbers, both stages, augmentation, schedules, averages."""

import hashlib
import shutil
from pathlib import Path

import pytest
import torch
from bundle.small_training import checkpoint, curve, train, workflow
from monai.bundle import ConfigParser
from monai.transforms import Compose

from cohorts.context.__main__ import main as write_context_maps

pytestmark = pytest.mark.slow

BASELINES = ["pix2pix", "cyclegan", "reggan", "regression"]


def settings(bundle: Path, *overlays: str) -> ConfigParser:
    """train.yaml with overlays, as written."""
    parser = ConfigParser()
    parser.read_config([str(bundle / "configs" / f"{name}.yaml") for name in ("train", *overlays)])
    return parser


def digest(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def source(small_datalist) -> dict[str, str]:
    """Digest of every file of the data before anything was trained."""
    return digest(small_datalist.parent)


@pytest.fixture(scope="module")
def stage1(bundle_folder, small_datalist, source, tmp_path_factory) -> Path:
    """Folder of a run of three epochs, two steps each."""
    return train(bundle_folder, small_datalist, tmp_path_factory.mktemp("stage1"), max_epochs=3)


@pytest.fixture(scope="module")
def stage2(bundle_folder, small_datalist, stage1, tmp_path_factory) -> Path:
    """Folder of a run of stage 2 in which G and R stand still."""
    still = {"generator_lr": 0.0, "registration_lr": 0.0, "max_epochs": 1, "stage1": str(stage1)}
    return train(bundle_folder, small_datalist, tmp_path_factory.mktemp("stage2"), "finetune", **still)


def test_stage_1_has_the_papers_numbers(bundle_folder):
    parser = settings(bundle_folder)
    names = ["similarity_weight", "smoothness_weight", "adversarial_weight", "highlight_weight", "max_epochs"]
    assert [parser[name] for name in names] == [20, 10, 1, 0, 45]
    assert [parser[f"{name}_lr"] for name in ("generator", "registration", "discriminator")] == [1e-4] * 3
    for name in ("generator", "discriminator"):
        assert parser[f"train#{name}_optimizer#betas"] == [0.5, 0.999]


def test_stage_2_has_the_papers_numbers(bundle_folder):
    parser = settings(bundle_folder, "finetune")
    names = ["highlight_weight", "discriminator_weight", "scale_weights", "max_epochs"]
    assert [parser[name] for name in names] == [2, 0.5, [1.8, 0.2], 5]


@pytest.mark.parametrize("name", ["generator", "registration"])
def test_stage_2_starts_from_stage_1(stage1, stage2, name):
    before, after = checkpoint(stage1, 3)[name], checkpoint(stage2, 1)[name]
    learnt = {key: value for key, value in before.items() if "running_" not in key and "num_batches" not in key}
    assert all(torch.equal(after[key], value) for key, value in learnt.items())  # statistics follow the slices


def test_stage_2_has_a_discriminator_of_two_scales(stage2):
    scales = {key.split(".")[1] for key in checkpoint(stage2, 1)["discriminator"]}
    assert scales == {"0", "1"}


def test_stage_2_minimises_the_highlight_loss(stage2):
    assert min(curve(stage2, "highlight_loss").values()) > 0


def test_stage_2_without_stage_1_says_what_to_do(bundle_folder, small_datalist, tmp_path):
    with pytest.raises(RuntimeError) as error:
        train(bundle_folder, small_datalist, tmp_path / "out", "finetune", stage1=str(tmp_path / "absent"))
    assert "Run stage 1 first" in str(error.value.__cause__)


def test_the_rates_of_all_networks_fall_linearly(stage1):
    generator, discriminator = (list(curve(stage1, f"{name}_lr").values()) for name in ("generator", "discriminator"))
    assert generator == pytest.approx([0.002] * 4 + [0.001] * 2)
    assert discriminator == pytest.approx([0.0001] * 4 + [0.00005] * 2)


def test_training_writes_nothing_to_its_data(stage1, stage2, source, small_datalist):
    assert digest(small_datalist.parent) == source


def test_flow_and_folds_have_curves(stage1):
    assert all(len(curve(stage1, name)) == 6 for name in ("flow_mean_mm", "flow_max_mm", "folded_share"))


def test_adapting_starts_from_the_shipped_weights(bundle_folder, small_datalist, tmp_path):
    network = settings(bundle_folder)["network_def"]
    whole = {f"network_def::{name}": network[name] for name in ("channels", "res_units")}
    cohort = shutil.copytree(small_datalist.parent, tmp_path / "cohort")
    datalist = cohort / small_datalist.name
    assert write_context_maps(["--datalist", str(datalist)]) == 0
    train(bundle_folder, datalist, tmp_path / "run", "adapt", max_epochs=1, **(whole | {"generator_lr": 0.0}))
    shipped = torch.load(bundle_folder / "models" / "model.pt", weights_only=True)
    adapted = checkpoint(tmp_path / "run", 1)["generator"]
    learnt = [name for name in shipped if "running_" not in name and "num_batches" not in name]
    assert all(torch.equal(shipped[name], adapted[name]) for name in learnt)


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_are_scored_by_the_same_evaluator_on_the_same_data(bundle_folder, name):
    ours, baseline = settings(bundle_folder), settings(bundle_folder, name)
    for part in ("validate", "cohort", "train#dataset", "train#preprocessing"):
        assert baseline[part] == ours[part]


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_have_the_same_generator(bundle_folder, name):
    ours, baseline = (settings(bundle_folder, *overlay)["network_def"] for overlay in ([], [name]))
    assert {**baseline, "context_slices": 1} == {**ours, "context_slices": 1}


def test_the_last_epoch_is_validated_whatever_the_interval(bundle_folder, small_datalist, tmp_path):
    train(bundle_folder, small_datalist, tmp_path, max_epochs=3, val_interval=2)
    assert list(curve(tmp_path, "psnr_db")) == [2, 3]


def test_the_average_is_validated_and_kept(bundle_folder, small_datalist, tmp_path):
    train(bundle_folder, small_datalist, tmp_path, max_epochs=1, ema_decay=0.5)
    best, saved = torch.load(tmp_path / "model.pt", weights_only=True), checkpoint(tmp_path, 1)
    assert all(torch.equal(value, saved["average"][f"module.{name}"]) for name, value in best.items())
    assert any(not torch.equal(value, saved["generator"][name]) for name, value in best.items())


AUGMENTATIONS = (
    "paired_prob",
    "elastic_prob",
    "misalignment_prob",
    "noise_prob",
    "smooth_prob",
    "level_prob",
    "coarse_prob",
)


@pytest.fixture
def preprocessing(bundle_folder, small_datalist, tmp_path):
    """Makes the training transforms with some settings."""

    def make(**chosen: float) -> Compose:
        off = dict.fromkeys(AUGMENTATIONS, 0.0)
        run = workflow(bundle_folder, small_datalist, tmp_path, **(off | chosen))
        run.initialize()
        return run.parser.get_parsed_content("train#preprocessing")

    return make


@pytest.fixture
def twice(small_datalist) -> dict:
    """A record whose CTA is its NCCT, so that only augmentation sets them apart."""
    ncct = str(small_datalist.parent / "patient-0" / "ncct.nii")
    return {"ncct": ncct, "cta": ncct, "slice_index": 4}


def augmented(transforms: Compose, record: dict, seed: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    slices = transforms.set_random_state(seed)(record)
    return slices["ncct"][len(slices["ncct"]) // 2], slices["cta"][0]  # the slice itself is the middle one


def test_paired_augmentation_moves_both_alike(preprocessing, twice):
    plain, _ = augmented(preprocessing(), twice)
    ncct, cta = augmented(preprocessing(paired_prob=1.0), twice)
    torch.testing.assert_close(ncct, cta)
    assert not torch.allclose(ncct, plain, atol=0.01)


def test_elastic_deformation_bends_both_alike(preprocessing, twice):
    plain, _ = augmented(preprocessing(), twice)
    ncct, cta = augmented(preprocessing(elastic_prob=1.0, elastic_px=[8.0, 8.0]), twice)
    torch.testing.assert_close(ncct, cta)
    assert not torch.allclose(ncct, plain, atol=0.01)


def test_elastic_deformation_is_as_strong_as_its_setting(preprocessing, twice):
    plain, _ = augmented(preprocessing(), twice)
    gentle, _ = augmented(preprocessing(elastic_prob=1.0, elastic_px=[0.0, 0.0]), twice)
    strong, _ = augmented(preprocessing(elastic_prob=1.0, elastic_px=[8.0, 8.0]), twice)
    assert (strong - plain).abs().mean() > 1.5 * (gentle - plain).abs().mean()


def test_misalignment_moves_the_cta_alone(preprocessing, twice):
    plain, _ = augmented(preprocessing(), twice)
    ncct, cta = augmented(preprocessing(misalignment_prob=1.0), twice)
    torch.testing.assert_close(ncct, plain)
    assert not torch.allclose(cta, plain, atol=0.01)


def test_misalignment_is_as_large_as_its_setting(preprocessing, twice):
    none = {"misalignment_rotation_rad": 0.0, "misalignment_shift_px": 0.0, "misalignment_scale": 0.0}
    ncct, cta = augmented(preprocessing(misalignment_prob=1.0, **none), twice)
    torch.testing.assert_close(ncct, cta, atol=1e-4, rtol=0)


def test_noise_is_on_the_ncct_alone(preprocessing, twice):
    plain, _ = augmented(preprocessing(), twice)
    ncct, cta = augmented(preprocessing(noise_prob=1.0), twice)
    torch.testing.assert_close(cta, plain)
    assert not torch.equal(ncct, plain)


def test_both_are_smoothed_by_one_kernel(preprocessing, twice):
    plain, _ = augmented(preprocessing(), twice)
    ncct, cta = augmented(preprocessing(smooth_prob=1.0), twice)
    torch.testing.assert_close(ncct, cta)
    assert ncct.diff(dim=-1).abs().mean() < 0.9 * plain.diff(dim=-1).abs().mean()


def test_the_level_of_both_moves_by_one_offset(preprocessing, twice):
    plain, _ = augmented(preprocessing(), twice)
    ncct, cta = augmented(preprocessing(level_prob=1.0), twice)
    offset_hu = (ncct - plain) * 4095 / 2
    torch.testing.assert_close(ncct, cta)
    assert 0.1 < offset_hu.mean().abs() < 12
    assert offset_hu.std() < 0.1


def test_both_get_coarse_voxels_of_one_lattice(preprocessing, twice):
    plain, _ = augmented(preprocessing(), twice)
    ncct, cta = augmented(preprocessing(coarse_prob=1.0, coarse_noise_hu=0.0), twice)
    torch.testing.assert_close(ncct, cta)
    assert not torch.allclose(ncct, plain, atol=0.01)


def test_augmentation_depends_on_its_seed_alone(preprocessing, twice):
    transforms = preprocessing(**dict.fromkeys(AUGMENTATIONS, 1.0))
    first = augmented(transforms, twice, seed=1)
    second = augmented(transforms, twice, seed=2)
    again = augmented(transforms, twice, seed=1)
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))
    assert not torch.equal(first[1], second[1])
