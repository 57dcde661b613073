"""The server behind the TLS proxy of deploy/reading: readers at other machines come in by https:// alone."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

import pytest
import requests
import yaml
from django.db import connections

from app.reading.cli import _parser
from app.reading.intake.pairs import read_pairs
from app.reading.protocol.protocol import protocol_from
from app.reading.study.configuration import DATABASE_VARIABLE
from app.reading.study.creation import create_study
from app.reading.study.login import invite
from app.reading.study.models import Answer
from app.viewer.built import BUILT
from tests.app.gateway.running import LOOPBACK, ROOT, eventually, free_port
from tests.app.reading.conftest import GOOD, PROTOCOL, START, write_pairs
from tests.app.reading.running_study import StudyServer

DEPLOY = ROOT / "deploy" / "reading"
NAME = "reading.example.org"
WAIT_S = 240.0
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")


def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def own_addresses():
    """Addresses inside, of the services that have one of their own."""
    services = compose()["services"].items()
    named = {name: service["networks"] for name, service in services if isinstance(service["networks"], dict)}
    return {name: each["inside"]["ipv4_address"] for name, each in named.items()}


def test_the_command_of_the_compose_file_is_one_that_serve_takes():
    command = [re.sub(r"\$\{.*\}", NAME, each) for each in compose()["services"]["reading"]["command"]]
    taken = _parser().parse_args(command)
    assert (taken.host, taken.listen) == ([NAME], "0.0.0.0:8040")


def test_the_server_believes_the_proxy_and_the_proxy_knows_the_server():
    addresses = own_addresses()
    command = compose()["services"]["reading"]["command"]
    assert command[command.index("--trusted-proxy") + 1] == addresses["proxy"]
    assert f"proxy_pass http://{addresses['reading']}:8040;" in (DEPLOY / "nginx.conf").read_text()


def test_server_and_postgres_share_user_password_and_database():
    services = compose()["services"]
    database = services["database"]["environment"]
    url = services["reading"]["environment"][DATABASE_VARIABLE]
    user, password, name = (database[f"POSTGRES_{each}"] for each in ("USER", "PASSWORD", "DB"))
    assert url == f"postgresql://{user}:{password}@database/{name}"


def test_every_file_that_the_compose_file_mounts_is_there():
    site = ("./lists", "./tls")  # what a site brings
    for service in compose()["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert not source.startswith("./") or source.startswith(site) or (DEPLOY / source).is_file(), source


def test_no_container_without_an_address_of_its_own_is_given_one_of_those_that_have_one():
    (config,) = compose()["networks"]["inside"]["ipam"]["config"]
    given = ip_network(config["ip_range"])
    assert given.subnet_of(ip_network(config["subnet"]))
    assert not [each for each in own_addresses().values() if ip_address(each) in given]


@dataclass
class Proxied:
    """A study behind nginx with the shipped settings.

    Attributes:
        https, http: ports of nginx.
        direct: port of the server itself.
        session: asks nginx as a browser elsewhere does, and believes its certificate alone.
    """

    https: int
    http: int
    direct: int
    session: requests.Session

    def url(self, path):
        return f"https://{LOOPBACK}:{self.https}{path}"

    def answers(self):
        """Whether the study's own page for strangers comes through."""
        try:
            return self.session.get(self.url("/closed/"), timeout=WAIT_S).status_code == 401
        except requests.RequestException:
            return False

    def post(self, path, **content):
        token = self.session.cookies.get("csrftoken")
        headers = {"X-CSRFToken": token, "Referer": f"https://{NAME}{path}", "Origin": f"https://{NAME}"}
        return self.session.post(self.url(path), headers=headers, timeout=WAIT_S, allow_redirects=False, **content)


@pytest.fixture
def proxied(tmp_path, monkeypatch):
    """A study behind nginx."""
    if NGINX is None or shutil.which("openssl") is None:
        pytest.skip("nginx or openssl is not installed: tests/browser/install_browser.sh")
    if not (BUILT / "panes.js").is_file():
        pytest.skip("the viewer's page is not built: make viewer")
    monkeypatch.delenv(DATABASE_VARIABLE, raising=False)
    protocol = protocol_from(PROTOCOL)
    create_study(
        tmp_path / "study", protocol, read_pairs(write_pairs(tmp_path), protocol), START, report_progress=lambda _: None
    )
    server = StudyServer(tmp_path / "study")
    session = requests.Session()
    session.trust_env = False
    session.headers["Host"] = NAME
    study = Proxied(free_port(), free_port(), server.port, session)
    session.verify = str(certificate(tmp_path / "tls"))
    settings = (DEPLOY / "nginx.conf").read_text()
    for shipped, here in (
        (f"{own_addresses()['reading']}:8040", f"{LOOPBACK}:{server.port}"),
        ("/etc/nginx/tls", str(tmp_path / "tls")),
        ("listen 443", f"listen {LOOPBACK}:{study.https}"),
        ("listen 80", f"listen {LOOPBACK}:{study.http}"),
    ):
        assert shipped in settings
        settings = settings.replace(shipped, here)
    (tmp_path / "nginx.conf").write_text(settings)
    command = [NGINX, "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)]
    user = " user root;" if os.geteuid() == 0 else ""  # the folder is the tests' own
    command += ["-g", f"daemon off; pid {tmp_path}/nginx.pid;{user}"]
    server.start(options=["--host", NAME, "--trusted-proxy", LOOPBACK])
    with (tmp_path / "nginx.log").open("wb") as log:
        nginx = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        eventually(study.answers, WAIT_S)
        yield study
    finally:
        nginx.terminate()
        nginx.wait(WAIT_S)
        server.stop()
        connections.close_all()


def certificate(folder):
    """A certificate of the readers' name, with its key beside it."""
    folder.mkdir()
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},IP:{LOOPBACK}", "-days", "2"]
    files = ["-keyout", folder / "reading.key", "-out", folder / "reading.crt"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*made, *names, *files], check=True, capture_output=True)
    return folder / "reading.crt"


@pytest.mark.slow
def test_a_reader_reads_a_case_by_https(proxied):
    link, password = invite("R1", START)
    proxied.session.get(proxied.url(f"/enter/{link}/"), timeout=WAIT_S)
    entered = proxied.post(f"/enter/{link}/", data={"password": password})
    assert entered.status_code == 302, entered.text
    assert entered.headers["Set-Cookie"].count("Secure") == 2
    assert proxied.post("/display/").status_code == 302
    page = proxied.session.get(proxied.url("/case/"), timeout=WAIT_S).text
    case = json.loads(re.search(r'<script id="case" type="application/json">(.*?)</script>', page, re.S)[1])
    answer = proxied.post(case["answer_url"], json={"values": GOOD, "seconds": 5})
    assert answer.status_code == 200, answer.text
    assert Answer.objects.get().assignment.token == case["answer_url"].split("/")[2]


@pytest.mark.slow
def test_nobody_comes_in_by_http(proxied):
    redirected = proxied.session.get(f"http://{LOOPBACK}:{proxied.http}/closed/", timeout=WAIT_S, allow_redirects=False)
    assert (redirected.status_code, redirected.headers["Location"]) == (301, f"https://{NAME}/closed/")
    assert proxied.session.get(f"http://{LOOPBACK}:{proxied.direct}/closed/", timeout=WAIT_S).status_code == 403
