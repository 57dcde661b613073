"""Bad and awkward input: exit code, reason, nothing left behind, nothing told of the patient.

The fixture `app` checks the last two for every case.
"""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import (
    HTJ2KLossless,
    MediaStorageDirectoryStorage,
    MRImageStorage,
    RLELossless,
    SecondaryCaptureImageStorage,
)

from tests.dicom_series import body_hu, ct_slice, on_slice, setting, write_series, written_bytes
from tests.stand_in_bundle import write_stand_in_bundle

pytestmark = pytest.mark.slow

# ---- nothing to convert: 66 ----


def _empty(folder: Path) -> None:
    (folder / "sub").mkdir(parents=True)


def _no_dicom(folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("x" * 500)


def _missing(folder: Path) -> None:
    assert not folder.exists()


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        pytest.param(_empty, "no_input", id="empty folder"),
        pytest.param(_missing, "no_input", id="no folder"),
        pytest.param(_no_dicom, "no_ct_series", id="no DICOM"),
        pytest.param(
            lambda folder: write_series(folder, setting(ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])),
            "no_ct_series",
            id="only localizers",
        ),
        pytest.param(
            lambda folder: write_series(folder, setting(SOPClassUID=SecondaryCaptureImageStorage)),
            "no_ct_series",
            id="only secondary capture",
        ),
        pytest.param(
            lambda folder: write_series(folder, setting(SOPClassUID=MRImageStorage, Modality="MR")),
            "no_ct_series",
            id="only MR",
        ),
    ],
)
def test_a_folder_with_nothing_to_convert(app, tmp_path, build, reason):
    build(tmp_path / "in")
    assert app(tmp_path / "in").refusal == (66, reason)


# ---- OK, counted ----


def test_other_files_beside_a_good_series(app, tmp_path):
    folder = write_series(tmp_path / "in")
    (folder / "junk.bin").write_bytes(os.urandom(3000))
    (folder / "empty.dcm").touch()
    (folder / "1.2#3.tags").write_text("{}")
    (folder / "task.json").write_text('{"id": 1}')
    (folder / "nowhere").symlink_to("nowhere")
    directory = ct_slice(body_hu()[0], 0)
    directory.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    del directory.SOPClassUID
    (folder / "DICOMDIR").write_bytes(written_bytes(directory))
    run = app(folder)
    assert np.array_equal(run.source_hu, body_hu())
    assert run.result["warnings"] == [
        "1 file(s) skipped: other DICOM object.",
        "5 file(s) skipped: not DICOM.",
    ]


def test_the_same_file_twice(app, tmp_path):
    folder = write_series(tmp_path / "in")
    (folder / "again").mkdir()
    for file in list(folder.glob("*.dcm"))[:2]:
        shutil.copy(file, folder / "again")
    run = app(folder)
    assert np.array_equal(run.source_hu, body_hu())
    assert run.result["warnings"] == ["2 repeated file(s) skipped."]


def test_a_localizer_inside_the_series(app, tmp_path):
    run = app(write_series(tmp_path / "in", on_slice(9, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])))
    assert np.array_equal(run.source_hu, body_hu()[:9])
    assert run.result["warnings"] == ["1 localizer image(s) in the series skipped."]


# ---- OK ----


def _rounded(ds, i):
    ds.ImagePositionPatient = [-20.0, -30.0 + 0.01 * (i % 2), round(100 + i * 1.6667, 1)]


def test_rounding_of_the_positions(app, tmp_path):
    assert np.array_equal(app(write_series(tmp_path / "in", _rounded)).source_hu, body_hu())


def test_missing_first_slices(app, tmp_path):
    folder = write_series(tmp_path / "in", hu=body_hu(12))
    for name in ("012", "011"):
        next(folder.glob(f"{name}-*")).unlink()
    assert np.array_equal(app(folder).source_hu, body_hu(12)[2:])


def test_nested_folders_without_extensions_and_a_symlink_loop(app, tmp_path):
    folder = tmp_path / "in"
    write_series(folder / "a" / "b")
    for i, file in enumerate(sorted((folder / "a" / "b").iterdir())):
        file.rename((folder if i % 2 else folder / "a") / f"IM{i}")
    (folder / "a" / "loop").symlink_to(folder)
    run = app(folder)
    assert np.array_equal(run.source_hu, body_hu())
    assert run.result["warnings"] == []


@pytest.mark.parametrize(
    ("name", "character_set"),
    [
        ("Wang^XiaoDong=王^小东", "ISO_IR 192"),
        ("Wang^XiaoDong=王^小东", "GB18030"),
        ("Müller^Jürgen", "ISO_IR 100"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", ["", "ISO 2022 IR 87"]),
    ],
)
def test_names_in_other_alphabets_stay_intact(app, tmp_path, name, character_set):
    source = write_series(tmp_path / "in", setting(SpecificCharacterSet=character_set, PatientName=name))
    run = app(source)
    assert {str(ds.PatientName) for ds in run.slices} == {name}
    assert run.slices[0].SpecificCharacterSet == character_set
    assert name[:4] not in run.log


def test_an_empty_id_and_unreadable_values_do_no_harm(app, tmp_path):
    folder = write_series(tmp_path / "in", setting(PatientID="", PatientWeight="70.5"))
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes().replace(b"70.5", b"fat.").replace(b"19500101", b"31.01.50"))
    run = app(folder)
    assert np.array_equal(run.source_hu, body_hu())
    assert {str(ds.PatientID) for ds in run.slices} <= {"", "None"}
    assert "PatientWeight" not in run.slices[0]


# ---- damaged: 65 corrupt ----


def _cut_header(folder: Path) -> None:
    file = sorted(write_series(folder).iterdir())[4]
    file.write_bytes(file.read_bytes()[:300])


def _cut_file(folder: Path) -> None:
    file = sorted(write_series(folder).iterdir())[4]
    file.write_bytes(file.read_bytes()[:-700])


def _cut_compressed(folder: Path) -> None:
    def edit(ds, i):
        ds.compress(RLELossless, generate_instance_uid=False)
        if i == 4:
            ds.PixelData = ds.PixelData[:-600]

    write_series(folder, edit)


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(_cut_header, id="truncated header"),
        pytest.param(_cut_file, id="truncated pixels"),
        pytest.param(_cut_compressed, id="truncated compressed pixels"),
        pytest.param(lambda folder: write_series(folder, on_slice(4, PixelData=None)), id="no PixelData"),
        pytest.param(lambda folder: write_series(folder, on_slice(4, SOPInstanceUID=None)), id="no SOPInstanceUID"),
        pytest.param(lambda folder: write_series(folder, on_slice(4, Rows=None)), id="no Rows"),
        pytest.param(lambda folder: write_series(folder, on_slice(4, SeriesInstanceUID="")), id="no SeriesInstanceUID"),
    ],
)
def test_a_damaged_series(app, tmp_path, build):
    build(tmp_path / "in")
    assert app(tmp_path / "in").refusal == (65, "corrupt")


# ---- no regular axial stack: 65 geometry ----


def _uneven(ds, i):
    ds.ImagePositionPatient = [-20, -30, 100 + 2 * i + (0.7 if i == 5 else 0)]


def _tilted(ds, i):
    ds.ImagePositionPatient = [-20, -30 + 0.6 * i, 100 + 2 * i]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 0.9578, -0.2873]  # the slices tilted, the table not


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        pytest.param(_uneven, "108.00 to 110.70 mm", id="uneven spacing"),
        pytest.param(on_slice(3, ImagePositionPatient=None), "1 of 10 slices", id="no position"),
        pytest.param(setting(PixelSpacing=None), "pixel spacing", id="no spacing"),
        pytest.param(setting(PixelSpacing=[0, 0]), "voxels of 0 x 0 x 2 mm", id="spacing 0"),
        pytest.param(setting(PixelSpacing=[1e-7, 1e-7]), "voxels of 1e-07 x", id="spacing of no CT"),
        pytest.param(setting(PixelSpacing=[300, 300]), "a series of 1.44e+04", id="larger than a patient"),
        pytest.param(on_slice(3, ImagePositionPatient=[0, 0, 1e9]), "1 of 10 slices", id="position far away"),
        pytest.param(on_slice(3, Rows=20), "matrix size", id="mixed matrix"),
        pytest.param(on_slice(3, FrameOfReferenceUID="1.9"), "frames of reference", id="two frames of reference"),
        pytest.param(_tilted, "tilted gantry", id="gantry tilt"),
        pytest.param(setting(ImageOrientationPatient=[1, 0, 0, 0, 0, -1]), "not axial", id="coronal reformat"),
        pytest.param(setting(ImageOrientationPatient=[0, 1, 0, 0, 0, -1]), "not axial", id="sagittal reformat"),
    ],
)
def test_a_stack_that_is_no_axial_volume(app, tmp_path, edit, told):
    run = app(write_series(tmp_path / "in", edit))
    assert run.refusal == (65, "geometry")
    assert told in run.message


def test_a_missing_slice_is_told_with_its_place(app, tmp_path):
    folder = write_series(tmp_path / "in")
    next(folder.glob("006-*")).unlink()
    run = app(folder)
    assert run.refusal == (65, "geometry")
    assert "106.00 to 110.00 mm" in run.message


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("dicom2nifti_failing/sliceincrement_001", "28.11 to 38.11 mm"),
        ("dicom2nifti_failing/gantrytilting_001", "tilted gantry"),
        ("gantry_tilt_phantom_philips", "tilted gantry"),
    ],
)
def test_real_faulty_stacks(app, shared_data, folder, told):
    run = app(shared_data / "odd" / folder, loader={"regions": ["head", "chest"], "min_slices": 1})
    assert run.refusal == (65, "geometry")
    assert told in run.message


# ---- other refusals of data: 65 ----


def _two_acquisitions(folder: Path) -> None:
    def again(ds, i):
        ds.SOPInstanceUID = f"1.7.{i + 1}"

    write_series(folder / "1")
    write_series(folder / "2", again)


def _two_patients(folder: Path) -> None:
    write_series(folder / "1", series="1.2.3.4.6")
    write_series(folder / "2", setting(PatientID="GEHEIM-2"), series="1.2.3.4.7")


def _two_studies(folder: Path) -> None:
    write_series(folder / "1", study="1.2.3.4", series="1.2.3.4.6")
    write_series(folder / "2", study="1.2.3.5", series="1.2.3.5.6")


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        pytest.param(_two_acquisitions, "ambiguous", id="two acquisitions at the same positions"),
        pytest.param(_two_studies, "identity", id="two studies"),
        pytest.param(_two_patients, "identity", id="two patients"),
        pytest.param(lambda f: write_series(f, on_slice(2, PatientID="GEHEIM-2")), "identity", id="patient differs"),
        pytest.param(lambda f: write_series(f, on_slice(2, PatientName="Geheim^B")), "identity", id="two names"),
        pytest.param(lambda f: write_series(f, on_slice(2, StudyInstanceUID="1.8")), "identity", id="study differs"),
        pytest.param(lambda f: write_series(f, hu=body_hu(1)), "too_few_slices", id="one slice"),
        pytest.param(lambda f: write_series(f, hu=body_hu(7)), "too_few_slices", id="too few slices"),
        pytest.param(lambda f: write_series(f, setting(SyntheticData="YES")), "derived", id="synthetic"),
        pytest.param(lambda f: write_series(f, setting(ImageType=["DERIVED", "SECONDARY"])), "derived", id="derived"),
        pytest.param(lambda f: write_series(f, setting(RescaleSlope=None)), "not_hu", id="no slope"),
        pytest.param(lambda f: write_series(f, setting(RescaleIntercept=None)), "not_hu", id="no intercept"),
        pytest.param(lambda f: write_series(f, on_slice(2, RescaleSlope="0")), "not_hu", id="slope 0"),
        pytest.param(lambda f: write_series(f, setting(RescaleSlope="\\")), "not_hu", id="nothing but a separator"),
        pytest.param(lambda f: write_series(f, setting(RescaleSlope="1e20")), "not_hu", id="slope of no HU"),
        pytest.param(lambda f: write_series(f, setting(RescaleIntercept="-1e20")), "not_hu", id="intercept of no HU"),
        pytest.param(lambda f: write_series(f, setting(RescaleType="Z_EFF")), "not_hu", id="another quantity"),
        pytest.param(lambda f: write_series(f, setting(NumberOfFrames=2)), "unsupported_object", id="frames in CT"),
    ],
)
def test_a_series_that_must_not_be_converted(app, tmp_path, build, reason):
    build(tmp_path / "in")
    assert app(tmp_path / "in").refusal == (65, reason)


def test_an_unknown_codec_is_named(app, tmp_path):
    def edit(ds, _):
        ds.PixelData = encapsulate([ds.PixelData])
        ds.file_meta.TransferSyntaxUID = HTJ2KLossless

    folder = write_series(tmp_path / "in", edit)
    run = app(folder)
    assert run.refusal == (65, "unsupported_codec")
    assert HTJ2KLossless.name in run.message


# ---- choice ----


def test_several_series_are_chosen_from_by_the_rule_which_is_reported(app, tmp_path):
    folder = tmp_path / "in"
    write_series(folder / "thick", hu=body_hu(8), series="1.2.3.4.6")
    write_series(folder / "thin", hu=body_hu(12), series="1.2.3.4.7")
    write_series(folder / "cta", setting(SeriesDescription="CTA"), hu=body_hu(20), series="1.2.3.4.8")
    write_series(folder / "head", setting(BodyPartExamined="HEAD"), hu=body_hu(20), series="1.2.3.4.9")
    run = app(folder)
    series = run.result["series"]
    assert np.array_equal(run.source_hu, body_hu(12))
    assert (series["candidates"], series["excluded"]) == (4, {"contrast": 1, "anatomy": 1})
    assert series["choice"].startswith("first of 2 ")
    assert "most slices" in series["rule"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param({"SliceThickness": "1.5"}, {"SliceThickness": "2.5"}, id="thin before thick"),
        pytest.param({"ConvolutionKernel": "B30f"}, {"ConvolutionKernel": "B70f"}, id="soft before sharp"),
    ],
)
def test_of_equally_many_slices_the_better_are_taken(app, tmp_path, better, worse):
    write_series(tmp_path / "in" / "1", setting(**worse), hu=body_hu(8) + 10, series="1.2.3.4.6")
    write_series(tmp_path / "in" / "2", setting(**better), hu=body_hu(8), series="1.2.3.4.7")
    assert np.array_equal(app(tmp_path / "in").source_hu, body_hu(8))


@pytest.mark.parametrize("way", ["option", "environment"])
def test_a_series_that_is_asked_for_overrides_the_rule(app, tmp_path, monkeypatch, way):
    write_series(tmp_path / "in" / "thick", hu=body_hu(8), series="1.2.3.4.6")
    write_series(tmp_path / "in" / "thin", hu=body_hu(12), series="1.2.3.4.7")
    if way == "environment":
        monkeypatch.setenv("SYN_CTA_SERIES_UID", "1.2.3.4.6")
    run = app(tmp_path / "in", *(("--series-uid", "1.2.3.4.6") if way == "option" else ()))
    assert np.array_equal(run.source_hu, body_hu(8))
    assert run.result["series"]["choice"] == "named by the user"


def test_a_series_that_is_asked_for_is_checked_all_the_same(app, tmp_path):
    write_series(tmp_path / "in" / "cta", setting(SeriesDescription="CTA"), series="1.2.3.4.6")
    write_series(tmp_path / "in" / "ncct", series="1.2.3.4.7")
    assert app(tmp_path / "in", "--series-uid", "1.2.3.4.6").refusal == (65, "contrast")


def test_a_series_that_is_asked_for_and_is_not_there(app, tmp_path):
    assert app(write_series(tmp_path / "in"), "--series-uid", "9.9.9").refusal == (66, "series_not_found")


# ---- the machine: 73, 75, 70 ----


def test_an_output_that_cannot_be_written(app, tmp_path):
    run = app(write_series(tmp_path / "in"), "-o", "/proc/syn-cta")
    assert run.refusal == (73, "cannot_write")


def test_an_output_on_a_read_only_disk(app, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a disk")
    try:
        run = app(write_series(tmp_path / "in"), "-o", str(disk / "out"))
    finally:
        subprocess.run(["umount", disk], check=True)
    assert run.refusal == (73, "cannot_write")
    assert "load DICOM" not in run.log, "told before any work is done"


def test_memory_that_does_not_suffice(app, tmp_path):
    bundle = write_stand_in_bundle(tmp_path / "greedy")
    config = bundle / "configs" / "inference.yaml"
    greedy = "inferer: '$lambda inputs, network: torch.empty(1 << 60)'"
    config.write_text(config.read_text().replace("inferer: {_target_: SimpleInferer}", greedy))
    assert app(write_series(tmp_path / "in"), "-m", str(bundle)).refusal == (75, "out_of_memory")


def test_a_result_that_is_no_number(app, tmp_path):
    bundle = write_stand_in_bundle(tmp_path / "nan", bias=float("nan"))
    assert app(write_series(tmp_path / "in"), "-m", str(bundle)).refusal == (70, "invalid_result")


def test_a_file_that_the_system_does_not_let_read(app, tmp_path, monkeypatch):
    folder = write_series(tmp_path / "in")
    opened = Path.open

    def failing(path, *args, **kwargs):
        if path.name.startswith("003"):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", failing)
    assert app(folder).refusal == (66, "unreadable")


def test_own_output_is_no_input(app, tmp_path):
    first = app(write_series(tmp_path / "in"))
    result = (first.output / "syn-cta").rename(tmp_path / "syn-cta")
    shutil.rmtree(first.output)
    assert {pydicom.dcmread(path).SyntheticData for path in result.iterdir()} == {"YES"}
    assert app(result).refusal == (65, "derived")


# ---- the real odd files, with the settings as shipped ----

REAL_ODD_FILES = {
    "dicom2nifti_failing/gantrytilting_001": (65, "geometry"),
    "dicom2nifti_failing/sliceincrement_001": (65, "geometry"),
    "enhanced_multiframe/dcmqi_legacy_converted_24x38x3/image": (65, "too_few_slices"),
    "enhanced_multiframe/dcmqi_legacy_converted_24x38x3/multiframe": (65, "too_few_slices"),
    "enhanced_multiframe": (65, "too_few_slices"),  # both of the above, and an Enhanced CT with contrast
    "gantry_tilt_phantom_philips": (65, "anatomy"),  # a head
    "localizer": (66, "no_ct_series"),
    "tiny": (65, "contrast"),
    "transfer_syntaxes": (65, "ambiguous"),  # one slice sixteen times: many series, none better than the others
}


@pytest.mark.parametrize("folder", REAL_ODD_FILES)
def test_a_real_odd_folder_as_it_is(app, shared_data, folder):
    assert app(shared_data / "odd" / folder).refusal == REAL_ODD_FILES[folder]


def test_no_real_odd_file_is_forgotten(shared_data):
    odd = shared_data / "odd"
    files = [path for path in odd.rglob("*.dcm") if path.is_file()]
    assert files
    tried = [odd / folder for folder in REAL_ODD_FILES]
    assert [path.name for path in files if not any(path.is_relative_to(folder) for folder in tried)] == []
