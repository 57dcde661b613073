"""app.yaml: the shipped file, and what is said about a wrong one."""

import pytest
import yaml

from app.settings import DEFAULT_FILE, read_settings
from app.version import VERSION
from operators.companions.settings import CompanionSettings
from operators.dicom_loader.settings import LoaderSettings
from operators.dicom_writer.settings import Compression, UncertaintySettings, WriterSettings
from operators.errors import ExitCode, Reason, Refusal


def written(folder, text):
    path = folder / "app.yaml"
    path.write_text("application: {title: Syn-CTA, version: 0.1.0}\n" + text)
    return path


def test_the_shipped_file_states_the_defaults():
    settings = read_settings()
    assert settings.loader == LoaderSettings()
    assert settings.writer == WriterSettings()
    assert settings.companions == CompanionSettings()
    assert settings.uncertainty == UncertaintySettings()


def test_the_shipped_file_has_the_version_of_the_code():
    assert yaml.safe_load(DEFAULT_FILE.read_text())["application"]["version"] == VERSION


def test_the_shipped_file_is_a_manifest_that_the_packager_reads():
    manifest = yaml.safe_load(DEFAULT_FILE.read_text())
    application = manifest["application"]
    assert application["inputFormats"] == application["input-formats"]
    assert application["outputFormats"] == application["output-formats"]
    assert {"cpu", "gpu", "memory", "gpuMemory"} <= manifest["resources"].keys()


def test_a_setting_of_the_site_is_taken(tmp_path):
    settings = read_settings(written(tmp_path, "loader: {min_slices: 30}\nwriter: {overlay_label: ''}"))
    assert settings.loader.min_slices == 30
    assert settings.writer.overlay_label == ""


@pytest.mark.parametrize("manifest", ["", "application:\n", "application: {version: 0.1.0}\n"])
def test_a_file_without_a_title_has_the_default_one(tmp_path, manifest):
    path = tmp_path / "app.yaml"
    path.write_text(manifest + "loader: {gates: {metal: warn}}")
    assert read_settings(path).title == read_settings().title


def test_words_and_switches_of_the_site_are_taken(tmp_path):
    text = "writer: {compression: jpeg-ls}\ncompanions: {key_objects: true, pdf_report: false}"
    settings = read_settings(written(tmp_path, text))
    assert settings.writer.compression is Compression.JPEG_LS
    assert settings.companions == CompanionSettings(key_objects=True, pdf_report=False)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("loader: {min_slice: 30}", "loader.min_slice is unknown"),
        ("loader: {min_slices: many}", "loader.min_slices must be of type int"),
        ("loader: {min_slices: true}", "loader.min_slices must be of type int"),
        ("loader: {max_slice_spacing_mm: -1}", "must not be negative"),
        ("loader: {metal_volume_ml: .nan}", "loader.metal_volume_ml must be a finite number"),
        ("loader: [1]", "loader must be a mapping"),
        (f"writer: {{series_description: {'x' * 65}}}", "at most 64 characters"),
        ("writer: {series_description: Über}", "ASCII"),
        ("writer: {windows: []}", "at least one window"),
        ("writer: {windows: [{name: A, center_hu: 40}]}", "lacks width_hu"),
        ("writer: {windows: [{name: A, center_hu: 40, width_hu: 0}]}", "width_hu must be at least 1"),
        ("writer: {compression: zip}", "writer.compression must be one of none, jpeg-ls, rle"),
        ("companions: {pdf_report: 1}", "companions.pdf_report must be of type bool"),
        ("companions: {pdf: true}", "companions.pdf is unknown"),
        ("writer: {", "not valid YAML in line"),
        ("writer: 2024-13-45", "not valid YAML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, text, named):
    with pytest.raises(Refusal) as refusal:
        read_settings(written(tmp_path, text))
    assert refusal.value.reason is Reason.SETTINGS
    assert refusal.value.exit_code is ExitCode.CONFIGURATION
    assert named in refusal.value.message


def test_a_file_in_another_encoding_is_named_as_such(tmp_path):
    path = written(tmp_path, "")
    path.write_bytes(path.read_bytes() + "# Größe".encode("latin-1"))
    with pytest.raises(Refusal) as refusal:
        read_settings(path)
    assert refusal.value.reason is Reason.SETTINGS
    assert "UTF-8" in refusal.value.message


def test_a_missing_file_is_named_without_its_path(tmp_path):
    with pytest.raises(Refusal) as refusal:
        read_settings(tmp_path / "secret.yaml")
    assert "secret" not in refusal.value.message


def test_a_negative_window_centre_is_allowed(tmp_path):
    text = "writer: {windows: [{name: LUNG, center_hu: -600, width_hu: 1500}]}"
    assert read_settings(written(tmp_path, text)).writer.windows[0].center_hu == -600
