"""The MAP, built and run as hospitals run it: `make test-map` builds it and names it to these tests."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pydicom
import pytest

from deploy.map.manifests import variables
from tests.dicom_series import setting, write_series

TAG = os.environ.get("SYN_CTA_MAP")
pytestmark = pytest.mark.skipif(TAG is None, reason="make test-map builds the image and names it in SYN_CTA_MAP")

NCCT = "dicom_ncct_chest_LIDC-IDRI-0314"
THREADS = "2"  # the same inside and outside; more or fewer may change the last digit
TIMES = ("SeriesDate", "SeriesTime", "ContentDate", "ContentTime", "InstanceCreationDate", "InstanceCreationTime")
SANDBOX_LIMITS = ("--ulimit", "nofile=1024:20000", "--ulimit", "nproc=4096:4096", "--pids-limit", "0")
# as docker does it: podman alone would also make /run and /var/tmp writable
READ_ONLY = ("--read-only", "--read-only-tmpfs=false", "--tmpfs", "/tmp")
LOCKED_DOWN = ("--user", "54321:54321", *READ_ONLY, "--cap-drop", "all", "--security-opt", "no-new-privileges")


def podman(*arguments, **options):
    return subprocess.run(
        ["podman", "--cgroup-manager", "cgroupfs", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def run_map(source, output, *options, arguments=(), inside=("/var/holoscan/input", "/var/holoscan/output")):
    """Run the image without network, with nothing but input and output mounted."""
    mounts = ["--volume", f"{source}:{inside[0]}:ro", "--volume", f"{output}:{inside[1]}"]
    fixed = ["run", "--rm", "--runtime", "runc", "--network", "none", *SANDBOX_LIMITS]
    return podman(*fixed, "--env", f"OMP_NUM_THREADS={THREADS}", *mounts, *options, TAG, *arguments)


def refusal(done):
    return json.loads(next(line for line in reversed(done.stderr.splitlines()) if line.startswith("{")))


def objects(folder):
    """Path to (dataset without times) of every DICOM file."""
    found = {}
    for path in sorted(folder.rglob("*.dcm")):
        ds = pydicom.dcmread(path)
        without_times(ds)
        found[path.relative_to(folder)] = ds
    return found


def without_times(ds):
    for element in list(ds):
        if element.VR in ("DA", "DT", "TM"):
            del ds[element.tag]
        elif element.VR == "SQ":
            for item in element.value:
                without_times(item)


def report(folder):
    result = json.loads((folder / "result.json").read_text())
    del result["seconds"], result["versions"]["python"]
    return result


def writable(folder):
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    return folder


@pytest.fixture(scope="session")
def image():
    """What podman says of the image."""
    (found,) = json.loads(podman("image", "inspect", TAG).stdout)
    return found


@pytest.fixture(scope="session")
def root():
    """The image's file system, mounted."""
    mounted = podman("image", "mount", TAG)
    assert mounted.returncode == 0, mounted.stderr
    yield Path(mounted.stdout.strip())
    podman("image", "unmount", TAG)


@pytest.fixture(scope="session")
def shipped_bundle(root):
    return root / "opt/holoscan/models/bundle"


@pytest.fixture(scope="session")
def phantom(repository, tmp_path_factory):
    folder = tmp_path_factory.mktemp("phantom") / "ncct"
    command = [sys.executable, "-m", "cohorts.phantom", "dicom", "--out", str(folder), "--slices", "24"]
    subprocess.run([*command, "--matrix", "256", "--seed", "7"], cwd=repository / "bundle", check=True)
    return folder


def run_outside(source, output, bundle, repository):
    command = [sys.executable, "-m", "app", "-i", source, "-o", output, "-m", bundle, "--device", "cpu"]
    environment = {**os.environ, "OMP_NUM_THREADS": THREADS}
    subprocess.run(command, cwd=repository, env=environment, check=True, capture_output=True)


def test_the_shipped_networks_are_converted_in_the_image(root):
    conversions = list((root / "opt/holoscan/converted").iterdir())
    assert conversions
    for conversion in conversions:
        assert {path.name for path in conversion.iterdir()} == {"network.xml", "network.bin", "sha256"}


# ---- runs ----


@pytest.mark.parametrize("options", [(), LOCKED_DOWN], ids=["user 1000", "other user, read-only, no capabilities"])
def test_the_output_is_that_of_the_app_outside(options, phantom, shipped_bundle, repository, tmp_path):
    done = run_map(phantom, writable(tmp_path / "in map"), *options)
    assert done.returncode == 0, done.stderr
    run_outside(phantom, tmp_path / "outside", shipped_bundle, repository)
    assert report(tmp_path / "in map") == report(tmp_path / "outside")
    assert objects(tmp_path / "in map") == objects(tmp_path / "outside")
    assert (tmp_path / "in map/preview.png").read_bytes() == (tmp_path / "outside/preview.png").read_bytes()


def test_a_real_ncct_is_turned_as_outside(shared_data, shipped_bundle, repository, tmp_path):
    done = run_map(shared_data / NCCT, writable(tmp_path / "in map"), *LOCKED_DOWN)
    assert done.returncode == 0, done.stderr
    run_outside(shared_data / NCCT, tmp_path / "outside", shipped_bundle, repository)
    assert objects(tmp_path / "in map") == objects(tmp_path / "outside")


@pytest.mark.parametrize(
    ("edit", "code", "reason"),
    [
        pytest.param(setting(ContrastBolusAgent="yes"), 65, "contrast", id="contrast"),
        pytest.param(setting(SOPClassUID="1.2.840.10008.5.1.4.1.1.4"), 66, "no_ct_series", id="MR"),
    ],
)
def test_bad_input_has_the_exit_codes_of_the_app(edit, code, reason, tmp_path):
    done = run_map(write_series(tmp_path / "in", edit), writable(tmp_path / "out"), *LOCKED_DOWN)
    assert (done.returncode, refusal(done)["reason"]) == (code, reason)
    assert not list((tmp_path / "out").iterdir())


def test_an_output_folder_of_root_is_a_clear_error(phantom, tmp_path):
    (tmp_path / "out").mkdir(mode=0o755)
    done = run_map(phantom, tmp_path / "out")
    assert (done.returncode, refusal(done)["reason"]) == (73, "cannot_write")
    assert "user of the container" in refusal(done)["message"]


def test_mercure_can_call_it(tmp_path):
    """As mercure's docker runtime does: flat names, task.json beside, its variables, no network, no capabilities."""
    write_series(tmp_path / "received")
    source = writable(tmp_path / "in")
    for i, path in enumerate(sorted((tmp_path / "received").iterdir())):
        shutil.move(path, source / f"1.2.3.4.5#1.2.3.4.5.{i}.dcm")
    (source / "task.json").write_text("{}")
    folders = ("/tmp/data", "/tmp/output")
    names = {"MERCURE_IN_DIR": 0, "MONAI_INPUTPATH": 0, "HOLOSCAN_INPUT_PATH": 0}
    names |= {"MERCURE_OUT_DIR": 1, "MONAI_OUTPUTPATH": 1, "HOLOSCAN_OUTPUT_PATH": 1}
    environment = [f"--env={name}={folders[i]}" for name, i in names.items()]
    mercure = ["--user", "1001:1001", "--group-add", "1001", "--cap-drop", "all", *environment]
    done = run_map(source, writable(tmp_path / "out"), *mercure, inside=folders)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").glob("*.dcm"))) >= 10
    assert (tmp_path / "out" / "result.json").is_file()


def test_the_command_of_the_manifest_runs_without_the_entry_point(phantom, tmp_path):
    command = ["python3", "/opt/holoscan/app/"]
    done = run_map(phantom, writable(tmp_path / "out"), "--entrypoint", "", arguments=command)
    assert done.returncode == 0, done.stderr


def test_a_study_of_a_manifest_is_turned_once(phantom, tmp_path):
    writable(tmp_path / "data/out")
    shutil.copytree(phantom, tmp_path / "data/in")
    (tmp_path / "data/manifest.csv").write_text("study,input,output\na,in,out\n")
    command = ["-m", "app.cohort.one", "/data/manifest.csv", "--index", "0"]
    options = ["--workdir", "/opt/holoscan/app", "--entrypoint", "python3", "--volume", f"{tmp_path / 'data'}:/data"]
    first, second = (run_map(phantom, tmp_path / "data/out", *options, arguments=command) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "is done" in second.stderr


def test_local_time_is_that_of_the_zone_that_is_asked_for():
    command = ["--env", "TZ=Asia/Tokyo", "--entrypoint", "python3", TAG, "-c", "import time; print(time.tzname[0])"]
    assert podman("run", "--rm", "--runtime", "runc", "--network", "none", *SANDBOX_LIMITS, *command).stdout == "JST\n"


# ---- the package ----


def test_it_shows_its_manifests(root):
    done = podman("run", "--rm", "--runtime", "runc", "--network", "none", *SANDBOX_LIMITS, TAG, "show", "app")
    assert json.loads(done.stdout) == json.loads((root / "etc/holoscan/app.json").read_text())


def test_it_extracts_itself(root, tmp_path):
    writable(tmp_path / "export")
    mount = ["--volume", f"{tmp_path / 'export'}:/var/run/holoscan/export"]
    podman("run", "--rm", "--runtime", "runc", "--network", "none", *SANDBOX_LIMITS, *mount, TAG, "extract")
    names = ["app/app/cli.py", "config/app.json", "config/pkg.json", "config/app.yaml", "models/bundle/models/model.pt"]
    assert [name for name in [*names, "docs/LICENSE"] if not (tmp_path / "export" / name).is_file()] == []


def test_the_layout_is_that_of_the_specification(root):
    paths = ["etc/holoscan/app.json", "etc/holoscan/pkg.json", "opt/holoscan/app/__main__.py"]
    paths += ["opt/holoscan/models/bundle", "opt/holoscan/docs", "var/holoscan/input", "var/holoscan/output"]
    paths += ["var/holoscan/app.yaml", "var/holoscan/tools"]
    assert [path for path in paths if not (root / path).exists()] == []
    assert not (root / "etc/monai").exists()  # mercure would then pass the entry point by and want root


def test_user_variables_and_labels_are_set(image):
    config = image["Config"]
    assert config["User"] == "1000:1000"
    assert variables().items() <= dict(entry.split("=", 1) for entry in config["Env"]).items()
    labels = config["Labels"]
    assert labels["org.opencontainers.image.title"] == "Syn-CTA"
    assert re.fullmatch(r"\d+\.\d+\.\d+", labels["org.opencontainers.image.version"])


def test_the_bill_of_materials_names_what_is_installed(root):
    bill = json.loads((root / "opt/holoscan/docs/sbom.cdx.json").read_text())
    named = {component["name"].lower().replace("_", "-") for component in bill["components"]}
    assert bill["bomFormat"] == "CycloneDX"
    assert {"torch", "monai", "holoscan-cu13", "pydicom", "highdicom"} <= named
    assert "cyclonedx-bom" not in named


def test_licences_are_in_it(root):
    names = ("LICENSE", "LICENSE.bundle", "MODEL_CARD.md", "data_license.txt")
    assert [name for name in names if not (root / "opt/holoscan/docs" / name).is_file()] == []


def test_the_cpu_image_is_smaller_than_2_5_gb(image):
    assert image["Size"] < 2.5e9


def test_nothing_of_the_building_machine_is_in_it(root, image, repository):
    secrets = {str(repository)}
    configured = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    for value in re.findall(r"'(.*)'", configured):
        secrets |= {word for word in value.split() if "/" in word and word != "/etc/ssl/certs/ca-certificates.crt"}
    pattern = [option for secret in sorted(secrets) for option in ("-e", secret)]
    places = [root / name for name in ("etc", "opt", "var", "root", "home", "tmp", "usr/local")]
    found = subprocess.run(["grep", "-rlaF", *pattern, *places], capture_output=True, text=True, check=False).stdout
    assert found == ""
    assert not any(secret in json.dumps([image["Config"], image["History"]]) for secret in secrets)
    assert not any("PIP" in entry or "PROXY" in entry.upper() for entry in image["Config"]["Env"])
    assert not [path for name in ("etc", "opt", "root") for path in (root / name).rglob("pip.conf")]
    for name in ("etc/hostname", "etc/resolv.conf"):
        assert not (root / name).is_file() or not (root / name).read_text().strip()
    assert not list((root / "usr/local/share/ca-certificates").glob("*"))


def test_no_certificate_of_the_building_machine_is_in_it(root):
    """Every certificate comes from the Debian package, which keeps each in a file of its own."""
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    if not bundle.is_file():
        return
    packaged = {_digest(path.read_text()) for path in (root / "usr/share/ca-certificates").rglob("*.crt")}
    found = re.findall(r"-----BEGIN.*?END CERTIFICATE-----", bundle.read_text(), re.DOTALL)
    assert [text for text in found if _digest(text) not in packaged] == []


def _digest(certificate):
    return hashlib.sha256("".join(certificate.split()).encode()).hexdigest()
