"""A pair of series becomes two volumes that only their content tells apart."""

import numpy as np
import pytest
import SimpleITK as sitk

from app.reading.intake.blinding import blind_pair
from app.reading.intake.pairs import read_pairs
from app.reading.intake.series import read_series
from app.reading.protocol.protocol import protocol_from
from operators.errors import Refusal
from tests.dicom_series import body_hu, write_series

PROTOCOL = protocol_from({"training_cases": 0})


def image(size=(40, 40, 30), spacing=(1.0, 1.0, 2.0), origin=(0.0, 0.0, 0.0), hu=100.0):
    made = sitk.GetImageFromArray(np.full(size[::-1], hu, dtype=np.float32))
    made.SetSpacing(spacing)
    made.SetOrigin(origin)
    return made


def test_voxels_of_one_grid_stay_as_they_are():
    ramp = sitk.GetImageFromArray(np.arange(27000, dtype=np.float32).reshape(30, 30, 30) % 1000)
    cta, syn_cta, _ = blind_pair(ramp, ramp)
    assert np.array_equal(cta, sitk.GetArrayFromImage(ramp)) and np.array_equal(cta, syn_cta)


def test_a_pair_of_other_extents_and_spacings_ends_with_one_size():
    cta, syn_cta, spacing = blind_pair(image(), image((70, 70, 25), (0.7, 0.7, 2.5), (-3.0, 2.0, 4.0)))
    assert cta.shape == syn_cta.shape
    assert spacing == (1.0, 1.0, 2.5)


def test_nothing_is_padded_where_a_pair_is_cropped():
    cta, syn_cta, _ = blind_pair(image(hu=50), image(origin=(7.3, 0, 0), hu=80))
    assert (cta == 50).all() and (syn_cta == 80).all()


def test_the_range_of_hu_tells_nothing():
    cta, _, _ = blind_pair(image(hu=-2048), image(hu=9000))
    assert (cta == -1024).all()


def test_series_that_do_not_overlap_are_refused():
    with pytest.raises(Refusal, match="overlap"):
        blind_pair(image(), image(origin=(500.0, 0, 0)))


def test_a_dicom_folder_is_read_in_hu(tmp_path):
    hu = sitk.GetArrayFromImage(read_series(write_series(tmp_path / "series")))
    assert np.array_equal(np.sort(hu.ravel()), np.sort(body_hu().ravel()).astype(np.float32))


def write_list(folder, *lines, header="patient,cta,syn_cta,region,disease"):
    for name in ("a", "b"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "pairs.csv").write_text("\n".join([header, *lines]) + "\n")
    return folder / "pairs.csv"


def test_a_list_is_read_with_paths_beside_it(tmp_path):
    pairs = read_pairs(write_list(tmp_path, "X1,a,b,chest,healthy", "X2,a,b,neck,aneurysm"), PROTOCOL)
    assert [(pair.cta, pair.region) for pair in pairs] == [(tmp_path / "a", "chest"), (tmp_path / "a", "neck")]


def test_a_uid_is_taken_where_a_server_is_named(tmp_path):
    path = write_list(tmp_path, "X1,1.2.840.1,1.2.840.2,chest,healthy", "X2,a,b,neck,aneurysm")
    pairs = read_pairs(path, PROTOCOL, dicomweb=True)
    assert [pair.cta for pair in pairs] == ["1.2.840.1", tmp_path / "a"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["X1,a,b,chest,healthy", "X1,a,b,neck,healthy"], "line 3.*earlier"),
        (["X1,a,c,chest,healthy"], "line 2.*syn_cta does not exist"),
        (["X1,a,b,leg,healthy"], "line 2.*region"),
        (["X1,a,b,chest,healthy,,x"], "line 2.*more cells"),
        (["X1,a,1.2.840.1,chest,healthy"], "line 2.*syn_cta is a UID.*--dicomweb"),
        (["X1,a,b,chest,healthy"], "fewer than two"),
    ],
)
def test_a_wrong_line_is_told_without_naming_the_patient(tmp_path, lines, said):
    with pytest.raises(Refusal, match=said) as caught:
        read_pairs(write_list(tmp_path, *lines), PROTOCOL)
    assert "X1" not in caught.value.message


def test_a_panel_without_truth_is_refused(tmp_path):
    path = write_list(tmp_path, "X1,a,b,chest,healthy", "X2,a,b,neck,aneurysm")
    with pytest.raises(Refusal, match="2 patient"):
        read_pairs(path, protocol_from({"training_cases": 0, "truth": "panel"}))
