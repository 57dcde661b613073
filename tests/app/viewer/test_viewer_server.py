"""The viewer's server gives the HU of result and source on one grid, to whoever has its address and to nobody else."""

import shutil
import socket
from urllib.parse import urlsplit

import numpy as np
import pytest

from app.viewer.results import find_results
from operators.dicom_loader.load import load_ncct_series
from operators.errors import Refusal
from tests.dicom_series import IDENTIFYING, body_hu
from tests.stand_in_bundle import ADDED_HU

pytestmark = pytest.mark.slow


def hu(client, volume, result=0):
    """(slice, row, column) HU of a volume as the page gets it."""
    description = client.json(f"result/{result}.json")
    grid = description["grid"]
    bricks = [client.get(url)[1] for url in description["volumes"][volume]["bricks"]]
    return np.frombuffer(b"".join(bricks), "<i2").reshape(grid["slices"], grid["rows"], grid["columns"])


def test_the_ncct_arrives_as_the_loader_reads_it(serve, result, ncct):
    assert np.array_equal(hu(serve(result, ncct), 0), load_ncct_series(ncct).hu)


def test_the_syn_cta_lies_on_the_voxels_of_the_ncct(serve, result, ncct):
    client = serve(result, ncct)
    assert np.array_equal(hu(client, 1) - hu(client, 0), np.full(body_hu().shape, ADDED_HU))


def test_the_grid_is_that_of_the_loader(serve, result, ncct):
    grid = serve(result, ncct).json("result/0.json")["grid"]
    assert np.allclose(grid["affine_lps_mm"], load_ncct_series(ncct).affine_lps)


def test_without_a_source_the_syn_cta_is_shown_and_the_page_says_why(serve, result):
    description = serve(result).json("result/0.json")
    assert [volume["title"] for volume in description["volumes"]] == ["Syn-CTA"]
    assert "--source" in description["notices"][0]


def test_a_folder_with_another_series_is_told_from_the_source(serve, result, tmp_path, ncct):
    shutil.copytree(ncct, tmp_path / "other")
    next((tmp_path / "other").iterdir()).unlink()
    description = serve(result, tmp_path / "other").json("result/0.json")
    assert [volume["title"] for volume in description["volumes"]] == ["Syn-CTA"]
    assert "does not hold the series" in description["notices"][0]


def test_many_results_are_listed_by_their_folders(serve, result, tmp_path):
    for name in ("study-b", "study-a"):
        shutil.copytree(result, tmp_path / "results" / name)
    assert [each["name"] for each in serve(tmp_path / "results").json("results.json")] == ["study-a", "study-b"]


def test_every_volume_of_a_result_is_marked_synthetic_but_the_ncct(serve, result, ncct):
    volumes = serve(result, ncct).json("result/0.json")["volumes"]
    assert [("SYNTHETIC" in volume.get("badge", "")) for volume in volumes] == [False, True, True]


def test_nothing_of_the_patient_is_in_what_the_page_shows(serve, result, ncct):
    text = serve(result, ncct).get("result/0.json")[1].decode()
    assert not [word for word in IDENTIFYING if word in text]


@pytest.mark.parametrize(
    "path", ["../", "../../app.yaml", "result/1.json", "result/0/ncct/99", "result/0/other/0", "server.py", "x/y/z"]
)
def test_what_is_not_there_is_not_found(serve, result, ncct, path):
    assert serve(result, ncct).get(path)[0] == 404


def test_without_the_token_nothing_is_found(serve, result):
    client = serve(result)
    origin = client.url.rsplit("/", 2)[0]
    assert type(client)(f"{origin}/").get("results.json")[0] == 404


def test_a_foreign_host_name_is_not_answered(serve, result):
    assert serve(result).get("results.json", Host="evil.example")[0] == 404


@pytest.mark.parametrize("line", ["GET x HTTP/1.1", "GET http://127.0.0.1 HTTP/1.1", "GET //[ HTTP/1.1"])
def test_an_address_without_a_path_is_not_found(serve, result, line):
    port = urlsplit(serve(result).url).port
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(f"{line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        assert connection.recv(12) == b"HTTP/1.1 404"


def test_a_result_that_lost_a_slice_is_reported(serve, result, tmp_path):
    shutil.copytree(result, tmp_path / "broken")
    next((tmp_path / "broken" / "syn-cta").iterdir()).unlink()
    status, body = serve(tmp_path / "broken").get("result/0.json")
    assert (status, b"incomplete" in body) == (500, True)


def test_a_folder_without_result_is_refused(tmp_path):
    with pytest.raises(Refusal, match=r"no result\.json"):
        find_results(tmp_path)
