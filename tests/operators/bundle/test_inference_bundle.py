"""The bundle as the app sees it, and the hand-over of the volume."""

import dataclasses
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from monai.data import MetaTensor
from monai.transforms import LoadImaged, SaveImaged

from operators.bundle.inference_bundle import InferenceBundle
from operators.dicom_loader.load import load_ncct_series
from operators.errors import ExitCode, Reason, Refusal
from operators.preprocessing.prepare import as_meta_tensor, prepare
from operators.synthesis.synthesize import synthesize
from scripts.transforms import AxialSlabs
from tests.dicom_series import ORIGIN_MM, SLICE_SPACING_MM, setting, write_series
from tests.inaccessible_folder import inaccessible_folder
from tests.stand_in_bundle import ADDED_HU, record_weights, write_random_bundle, write_stand_in_bundle

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _module_search_path_as_before(monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])  # an opened bundle puts itself in front


@pytest.fixture
def bundle(tmp_path):
    return InferenceBundle(write_stand_in_bundle(tmp_path / "bundle"), device="cpu")


def test_file_transforms_are_taken_out(bundle):
    for name in ("preprocessing", "postprocessing"):
        steps = bundle._transforms(name).transforms
        assert len(steps) == 1
        assert not any(isinstance(step, (LoadImaged, SaveImaged)) for step in steps)


def test_the_volume_is_handed_over_with_its_place(tmp_path):
    series = load_ncct_series(write_series(tmp_path / "in"))
    image = as_meta_tensor(series)
    assert image.shape == (1, 48, 40, 10)  # column, row, slice
    assert np.array_equal(image[0].permute(2, 1, 0), series.hu)
    assert np.allclose(image.affine[:3, 3], [-ORIGIN_MM[0], -ORIGIN_MM[1], ORIGIN_MM[2]])


def test_a_volume_that_runs_towards_the_feet_is_turned(tmp_path):
    feet_first = setting(ImageOrientationPatient=[-1, 0, 0, 0, 1, 0])
    series = load_ncct_series(write_series(tmp_path / "in", feet_first))
    assert series.affine_lps[2, 2] < 0
    image = as_meta_tensor(series)
    assert image.affine[2, 2] > 0
    assert np.allclose(image.affine[:3, 3], [-ORIGIN_MM[0], -ORIGIN_MM[1], ORIGIN_MM[2]])
    assert np.array_equal(image[0, :, :, 0].T, series.hu[-1])


def test_a_slab_lies_where_its_slices_lie(tmp_path):
    series = load_ncct_series(write_series(tmp_path / "in"))
    slab = AxialSlabs(spacing_mm=1.25, length=4)(10, SLICE_SPACING_MM)[-1]
    image = as_meta_tensor(series, slab)
    assert slab.source.start > 0
    assert image.affine[2, 3] == pytest.approx(ORIGIN_MM[2] + slab.source.start * SLICE_SPACING_MM)
    assert np.array_equal(image[0].permute(2, 1, 0), series.hu[slab.source.start : slab.source.stop])


@pytest.mark.parametrize("context", [False, True])
@pytest.mark.parametrize("length", [2, 5, 100])
def test_the_result_does_not_depend_on_the_slabs(tmp_path, bundle_folder, length, context):
    folder = write_random_bundle(tmp_path / "bundle", bundle_folder, context=context)
    bundle = InferenceBundle(folder, device="cpu", amp=False)
    series = load_ncct_series(write_series(tmp_path / "in"))
    bundle._parser["slabs#length"] = 1000
    whole = prepare(series, bundle)
    assert len(whole.slabs) == 1
    expected_hu = synthesize(whole, bundle).hu
    bundle._parser["slabs#length"] = length
    # Within rounding to whole HU.
    assert np.abs(synthesize(prepare(series, bundle), bundle).hu - expected_hu).max() <= 1
    assert np.abs(expected_hu - series.hu).max() > 1


def test_the_result_lies_on_the_source_grid(tmp_path, bundle):
    series = load_ncct_series(write_series(tmp_path / "in"))
    synthetic = synthesize(prepare(series, bundle), bundle)
    assert synthetic.hu.shape == series.hu.shape
    assert np.abs(synthetic.hu - series.hu - ADDED_HU).max() <= 0.5


def test_digests_follow_the_files(tmp_path, bundle):
    other = InferenceBundle(write_stand_in_bundle(tmp_path / "other", bias=0.5), device="cpu")
    assert other.weights_sha256 != bundle.weights_sha256
    assert other.config_sha256 == bundle.config_sha256


@pytest.mark.parametrize("edit", ["content", "name", "new file"])
def test_the_digest_of_the_scripts_follows_every_edit(tmp_path, edit):
    root = write_stand_in_bundle(tmp_path / "bundle")
    module = root / "scripts" / "transforms" / "resample.py"
    module.parent.mkdir(parents=True)
    module.write_text("STEP_MM = 1\n")
    with (root / "configs" / "inference.yaml").open("a") as config:
        config.write("# reaches scripts.transforms.resample\n")
    before = InferenceBundle(root, device="cpu").scripts_sha256
    assert InferenceBundle(root, device="cpu").scripts_sha256 == before
    if edit == "content":
        module.write_text("STEP_MM = 2\n")
    elif edit == "name":
        module.rename(module.with_name("spacing.py"))
    else:
        module.with_name("__init__.py").touch()
    assert InferenceBundle(root, device="cpu").scripts_sha256 != before


def test_the_shipped_network_runs_in_channels_last_layout(tmp_path, bundle_folder):
    bundle = InferenceBundle(write_random_bundle(tmp_path / "bundle", bundle_folder), device="cpu", amp=False)
    layouts = set()

    def inferer(inputs, network):
        kernels = (values for values in network.parameters() if values.dim() == 4)
        layouts.update(values.is_contiguous(memory_format=torch.channels_last) for values in kernels)
        return inputs

    bundle._parser["inferer"] = inferer
    bundle.synthesize({"image": MetaTensor(torch.zeros(1, 4, 4, 4))})
    assert layouts == {True}


@pytest.mark.parametrize("name", ["gpu", "", "cuda:x", "mps", "cpu') + print('pasted"])
def test_a_device_that_does_not_exist_is_refused(tmp_path, name):
    with pytest.raises(Refusal) as refusal:
        InferenceBundle(write_stand_in_bundle(tmp_path / "bundle"), device=name)
    assert refusal.value.reason is Reason.DEVICE
    assert refusal.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(("name", "present"), [("cuda", 0), ("cuda:1", 1), ("cuda:9", 2)])
def test_a_gpu_beyond_those_present_is_refused(tmp_path, monkeypatch, name, present):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: present)
    with pytest.raises(Refusal) as refusal:
        InferenceBundle(write_stand_in_bundle(tmp_path / "bundle"), device=name)
    assert refusal.value.reason is Reason.NO_GPU
    assert f"finds {present} GPU" in refusal.value.message


def test_a_gpu_that_is_present_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    bundle = InferenceBundle(write_stand_in_bundle(tmp_path / "bundle"), device="cuda:1")
    assert bundle.device == torch.device("cuda", 1)


@pytest.mark.parametrize("part", ["configs/inference.yaml", "configs/metadata.json", "models/model.pt"])
def test_a_missing_part_is_named(tmp_path, part):
    folder = write_stand_in_bundle(tmp_path / "bundle")
    (folder / part).unlink()
    with pytest.raises(Refusal) as refusal:
        InferenceBundle(folder)
    assert refusal.value.reason is Reason.BUNDLE
    assert part in refusal.value.message


def test_a_config_that_does_not_parse_is_refused(tmp_path):
    folder = write_stand_in_bundle(tmp_path / "bundle")
    (folder / "configs" / "inference.yaml").write_text("device: [")
    with pytest.raises(Refusal) as refusal:
        InferenceBundle(folder)
    assert refusal.value.reason is Reason.BUNDLE


def test_code_in_weights_does_not_run(tmp_path, capsys):
    class Payload:
        def __reduce__(self):
            return (print, ("the code ran",))

    folder = write_stand_in_bundle(tmp_path / "bundle")
    torch.save({"weight": Payload()}, folder / "models" / "model.pt")
    record_weights(folder)
    bundle = InferenceBundle(folder, device="cpu")
    with pytest.raises(Refusal) as refusal:
        bundle.synthesize({"image": MetaTensor(torch.zeros(1, 4, 4, 4))})
    assert refusal.value.reason is Reason.BUNDLE
    assert "the code ran" not in capsys.readouterr().out


# ---- the recorded digest of the weights ----


def test_a_bundle_that_may_not_be_read_is_named_as_such(tmp_path):
    with inaccessible_folder(tmp_path) as closed, pytest.raises(Refusal) as refusal:
        InferenceBundle(closed / "bundle", device="cpu")
    assert refusal.value.reason is Reason.BUNDLE


def test_recorded_weights_are_taken_without_a_word(tmp_path):
    assert InferenceBundle(write_stand_in_bundle(tmp_path / "bundle"), device="cpu").warnings == []


def test_weights_without_a_record_are_taken_with_a_warning(tmp_path):
    folder = write_stand_in_bundle(tmp_path / "bundle")
    (folder / "models" / "model.pt.sha256").unlink()
    (warning,) = InferenceBundle(folder, device="cpu").warnings
    assert "sha256sum model.pt > model.pt.sha256" in warning


@pytest.mark.parametrize("fault", ["one bit", "no digest", "empty"])
def test_weights_other_than_the_recorded_ones_are_refused(tmp_path, fault):
    folder = write_stand_in_bundle(tmp_path / "bundle")
    weights, record = folder / "models" / "model.pt", folder / "models" / "model.pt.sha256"
    if fault == "one bit":
        content = bytearray(weights.read_bytes())
        content[len(content) // 2] ^= 1
        weights.write_bytes(content)
    else:
        record.write_text("" if fault == "empty" else "model.pt is fine\n")
    with pytest.raises(Refusal) as refusal:
        InferenceBundle(folder, device="cpu")
    assert (refusal.value.exit_code, refusal.value.reason) == (ExitCode.CONFIGURATION, Reason.WEIGHTS)


# ---- a bundle whose generator sees the map of a context network ----


@pytest.fixture
def context_folder(tmp_path, bundle_folder):
    return write_random_bundle(tmp_path / "context-bundle", bundle_folder, context=True)


def test_the_generator_heeds_the_context(tmp_path, context_folder):
    bundle = InferenceBundle(context_folder, device="cpu", amp=False)
    prepared = prepare(load_ncct_series(write_series(tmp_path / "in")), bundle)
    (_, data), *_ = prepared.pieces()
    blind = {**data, "context": torch.zeros_like(data["context"])}
    assert (bundle.synthesize(data) - bundle.synthesize(blind)).abs().max() > 1e-3


def test_the_uncertainty_of_a_generator_with_context_is_not_negative(tmp_path, context_folder):
    bundle = InferenceBundle(context_folder, device="cpu", amp=False)
    prepared = prepare(load_ncct_series(write_series(tmp_path / "in")), bundle)
    uncertainty_hu = synthesize(prepared, bundle, uncertainty=True).uncertainty_hu
    assert uncertainty_hu.min() > -0.01
    assert uncertainty_hu.max() > 0


def test_a_scan_that_is_short_for_the_context_is_converted_with_a_warning(tmp_path, context_folder):
    series = load_ncct_series(write_series(tmp_path / "in"))
    series = dataclasses.replace(series, hu=series.hu[:3], headers=series.headers[:3])
    prepared = prepare(series, InferenceBundle(context_folder, device="cpu", amp=False))
    (warning,) = set(prepared.series.warnings) - set(series.warnings)
    assert "mm along the body" in warning


def test_a_bundle_without_context_warns_of_no_short_scan(tmp_path, bundle):
    series = load_ncct_series(write_series(tmp_path / "in"))
    assert prepare(series, bundle).series.warnings == series.warnings


def test_missing_weights_of_the_context_network_are_named(context_folder):
    (context_folder / "models" / "context.pt").unlink()
    with pytest.raises(Refusal, match=r"models/context\.pt") as refusal:
        InferenceBundle(context_folder, device="cpu")
    assert refusal.value.reason is Reason.BUNDLE


def test_weights_of_the_context_network_other_than_the_recorded_ones_are_refused(context_folder):
    torch.save({}, context_folder / "models" / "context.pt")
    with pytest.raises(Refusal, match=r"models/context\.pt") as refusal:
        InferenceBundle(context_folder, device="cpu")
    assert refusal.value.reason is Reason.WEIGHTS


def test_weights_that_do_not_fit_the_context_network_are_refused(tmp_path, context_folder):
    torch.save({}, context_folder / "models" / "context.pt")
    record_weights(context_folder, "context.pt")
    bundle = InferenceBundle(context_folder, device="cpu")
    with pytest.raises(Refusal, match=r"models/context\.pt") as refusal:
        prepare(load_ncct_series(write_series(tmp_path / "in")), bundle)
    assert refusal.value.reason is Reason.BUNDLE


def test_the_digest_of_the_context_network_follows_its_file(context_folder):
    before = InferenceBundle(context_folder, device="cpu").context_sha256
    torch.save({}, context_folder / "models" / "context.pt")
    record_weights(context_folder, "context.pt")
    assert InferenceBundle(context_folder, device="cpu").context_sha256 not in (before, None)


def test_the_bundle_that_the_documentation_makes_of_a_run_opens(repository, tmp_path):
    (block,) = [
        block
        for block in re.findall(r"```sh\n(.*?)```", (repository / "docs" / "training.md").read_text(), re.DOTALL)
        if "bundle-own" in block
    ]
    _, *lines = block.splitlines()  # the first is the trial on a folder of volumes
    work = tmp_path / "bundle"
    work.mkdir()
    for part in ("LICENSE", "configs", "docs", "scripts", "models"):
        (work / part).symlink_to(repository / "bundle" / part)
    write_weights_without_context(repository / "bundle" / "configs" / "train.yaml", work / "runs" / "own" / "model.pt")
    subprocess.run(["sh", "-ec", "\n".join(lines)], cwd=work, check=True)
    InferenceBundle(tmp_path / "bundle-own", device="cpu")


def write_weights_without_context(train_config, path):
    """What a run of train.yaml as it is writes."""
    path.parent.mkdir(parents=True)
    config = ConfigParser(ConfigParser.load_config_file(train_config))
    torch.save(config.get_parsed_content("network_def").state_dict(), path)
