"""A reading study takes its pairs from Orthanc's DICOMweb service, by Series Instance UID."""

import csv
import json
import re

import numpy as np
import pytest

from app.reading.cli import main
from app.reading.study.models import Scan
from app.reading.study.volume_files import open_volume
from tests.app.gateway.running import LOOPBACK
from tests.dicom_series import IDENTIFYING, body_hu, setting, write_series
from tests.pacs.peers import USER, Orthanc, storescu

RAISED_HU = 30


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An Orthanc with two patients, CTA and Syn-CTA of each."""
    folder = tmp_path_factory.mktemp("archive")
    orthanc = Orthanc(folder / "orthanc", 1, routing="")
    try:
        orthanc.start()
        for patient in (1, 2):
            of_patient = {"PatientID": f"P-{patient}", "StudyDate": "20240131"}
            for series, raised in ((1, 0), (2, RAISED_HU)):
                write_series(
                    folder / "send" / f"{patient}{series}",
                    setting(**of_patient),
                    hu=body_hu() + raised,
                    study=f"1.2.3.{patient}",
                    series=f"1.2.3.{patient}.{series}",
                )
        storescu(folder / "send", orthanc.port, called="ORTHANC")
        yield orthanc
    finally:
        orthanc.stop()


@pytest.fixture
def create(archive, tmp_path):
    """Function that runs `create` on pairs by UID; returns exit code and folder."""
    (tmp_path / "password").write_text(f"{USER[1]}\n")
    (tmp_path / "protocol.yaml").write_text("training_cases: 0\n")

    def run(second="1.2.3.2.2", url=f"http://{LOOPBACK}:{archive.http_port}/dicom-web", user=USER[0]):
        with (tmp_path / "pairs.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["patient", "cta", "syn_cta", "region", "disease"])
            writer.writerow(["Geheim-1", "1.2.3.1.1", "1.2.3.1.2", "chest", "healthy"])
            writer.writerow(["Geheim-2", "1.2.3.2.1", second, "chest", "aneurysm"])
        web = ["--dicomweb", url, "--dicomweb-user", user, "--dicomweb-password-file", str(tmp_path / "password")]
        given = ["--protocol", str(tmp_path / "protocol.yaml"), "--pairs", str(tmp_path / "pairs.csv")]
        return main(["create", str(tmp_path / "study"), *given, *web]), tmp_path / "study"

    return run


def test_pairs_named_by_uid_become_blinded_volumes_of_their_hu(create):
    code, _ = create()
    assert code == 0
    volumes = [np.asarray(open_volume(scan)) for scan in Scan.objects.order_by("patient__code", "arm")]
    assert len(volumes) == 4
    for cta, syn_cta in (volumes[:2], volumes[2:]):
        assert np.array_equal(np.sort(cta.ravel()), np.sort(body_hu().ravel()))
        assert np.array_equal(syn_cta, cta + RAISED_HU)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"second": "1.2.3.99"}, "line 3.*no series"),
        ({"user": "nobody"}, "line 2.*401.*dicomweb-user"),
        ({"url": f"http://{LOOPBACK}:9/dicom-web"}, "line 2.*does not answer"),
    ],
)
def test_what_cannot_be_fetched_is_told_by_its_line_and_leaves_nothing(create, capfd, wrong, said):
    code, study = create(**wrong)
    told = json.loads(capfd.readouterr().err.splitlines()[-1])["message"]
    assert code == 66 and re.search(said, told), told
    assert not [word for word in (*IDENTIFYING, "1.2.3") if word in told]
    assert not list(study.parent.glob("study*"))
