"""app.yaml: the shipped file, and what is said about a wrong one."""

import dataclasses
from typing import get_type_hints

import pytest
import yaml

from app.settings import AppSettings, read_settings
from app.shipped import SETTINGS
from app.version import VERSION
from operators.companions.settings import CompanionSettings
from operators.dicom_loader.settings import LoaderSettings
from operators.dicom_objects.equipment import software_versions
from operators.dicom_objects.settings import Compression, UncertaintySettings, WriterSettings
from operators.errors import ExitCode, Reason, Refusal
from tests.written_series import PROVENANCE


def written(folder, text):
    path = folder / "app.yaml"
    path.write_text("application: {title: Syn-CTA, version: 0.1.0}\n" + text)
    return path


def titled(folder, title):
    path = folder / "app.yaml"
    path.write_text(yaml.safe_dump({"application": {"title": title}}))
    return path


def fault_of(path):
    """What is said of a file that is refused."""
    with pytest.raises(Refusal) as refusal:
        read_settings(path)
    return refusal.value.message


def numbers_and_switches():
    sections = {name: kind for name, kind in get_type_hints(AppSettings).items() if dataclasses.is_dataclass(kind)}
    plain = [(name, key, kind) for name, section in sections.items() for key, kind in get_type_hints(section).items()]
    return [f"{name}.{key}" for name, key, kind in plain if kind in (int, float, bool)]


def test_the_shipped_file_states_the_defaults():
    settings = read_settings()
    assert settings.loader == LoaderSettings()
    assert settings.writer == WriterSettings()
    assert settings.companions == CompanionSettings()
    assert settings.uncertainty == UncertaintySettings()


def test_the_shipped_file_has_the_version_of_the_code():
    assert yaml.safe_load(SETTINGS.read_text())["application"]["version"] == VERSION


def test_the_shipped_file_is_a_manifest_that_the_packager_reads():
    manifest = yaml.safe_load(SETTINGS.read_text())
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


def test_sections_whose_keys_are_all_commented_out_have_the_defaults(tmp_path):
    settings = read_settings(written(tmp_path, "loader: {gates: }\nwriter:\ncompanions:\nuncertainty:\nresources:"))
    assert settings == read_settings()


def test_words_and_switches_of_the_site_are_taken(tmp_path):
    text = "writer: {compression: jpeg-ls}\ncompanions: {key_objects: true, pdf_report: false}"
    settings = read_settings(written(tmp_path, text))
    assert settings.writer.compression is Compression.JPEG_LS
    assert settings.companions == CompanionSettings(key_objects=True, pdf_report=False)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("loader: {min_slice: 30}", "loader.min_slice is unknown"),
        ("loader: {min_slices: many}", "loader.min_slices: Input should be a valid integer, found str"),
        ("loader: {min_slices: true}", "loader.min_slices: Input should be a valid integer, found True"),
        ("loader: {max_slice_spacing_mm: -1}", "should be greater than or equal to 0, found -1"),
        ("loader: {metal_volume_ml: .nan}", "loader.metal_volume_ml: Input should be a finite number, found nan"),
        ("loader: [1]", "loader: Input should be a mapping, found list"),
        ("loader: {regions: neck}", "loader.regions: Input should be a list, found str"),
        ("laoder: {min_slices: 30}", "laoder is unknown"),
        ("42: {}", "Keys should be strings"),
        (f"writer: {{series_description: {'x' * 65}}}", "at most 64 characters"),
        ("writer: {series_description: Über}", "ASCII"),
        ('writer: {overlay_label: "A\\tB"}', "printable"),
        ("writer: {manufacturer: ' '}", "writer.manufacturer: String should have at least 1 character"),
        ("writer: {windows: []}", "at least one window"),
        ("writer: {windows: [{name: A, center_hu: 40}]}", "writer.windows.0.width_hu: Field required"),
        (
            "writer: {windows: [{name: A, center_hu: 40, width_hu: 0}]}",
            "width_hu: Input should be greater than or equal to 1",
        ),
        ("writer: {windows: [{name: A, center_hu: '40', width_hu: 1}]}", "center_hu: Input should be a valid number"),
        ("writer: {windows: [{name: A, center_hu: 40, width_hu: '1'}]}", "width_hu: Input should be a valid number"),
        (f"writer: {{windows: [{{name: {'x' * 17}}}]}}", "writer.windows.0.name: String should have at most 16"),
        ("writer: {compression: zip}", "writer.compression: Input should be 'none', 'jpeg-ls' or 'rle'"),
        ("companions: {pdf_report: 1}", "companions.pdf_report: Input should be a valid boolean, found 1"),
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


@pytest.mark.parametrize("where", numbers_and_switches())
def test_a_number_or_switch_in_quotes_is_refused(tmp_path, where):
    section, key = where.split(".")
    assert f"{where}: Input should be" in fault_of(written(tmp_path, f"{section}: {{{key}: '1'}}"))


def test_an_unknown_key_is_told_with_the_known_ones(tmp_path):
    path = written(tmp_path, "writer: {windows: [{name: A, centre_hu: 40}]}")
    assert "writer.windows.0.centre_hu is unknown; known: name, center_hu, width_hu" in fault_of(path)


def test_all_faults_are_told_at_once(tmp_path):
    fault = fault_of(written(tmp_path, "loader: {min_slices: many}\nwriter: {compression: zip}"))
    assert "loader.min_slices" in fault and "writer.compression" in fault


def test_a_wrong_window_is_not_said_to_be_missing(tmp_path):
    text = "writer: {windows: [{name: LUNG, center_hu: far, width_hu: 1500}]}"
    assert "at least" not in fault_of(written(tmp_path, text))


def test_wrong_text_is_not_quoted(tmp_path):
    assert "secret" not in fault_of(written(tmp_path, "loader: {min_slices: secret}\nwriter: {compression: secret}"))


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("x" * 49, "at most 48 characters"),
        ("Synthese 血管", "ASCII"),
        ("Syn\\CTA", "without backslash"),
        ("", "at least 1 character"),
    ],
)
def test_a_title_that_dicom_cannot_hold_is_refused(tmp_path, title, named):
    assert named in fault_of(titled(tmp_path, title))


def test_the_longest_title_leaves_room_for_the_version(tmp_path):
    title = read_settings(titled(tmp_path, "x" * 48)).title
    maker = dataclasses.replace(PROVENANCE, application=title, application_version=VERSION)
    assert software_versions(maker)[0] == f"{title} {VERSION}"


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
