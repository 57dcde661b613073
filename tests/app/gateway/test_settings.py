"""gateway.yaml: the shipped one is right and complete, wrong ones are told apart."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel
from pydicom.pixels import get_decoder
from pydicom.uid import AllTransferSyntaxes, DeflatedExplicitVRLittleEndian, JPEGExtended12Bit

from app.gateway.receive.accepted import readable_transfer_syntaxes
from app.gateway.receive.dicom_node import is_allowed
from app.gateway.settings import (
    ClientTLS,
    DicomTarget,
    GatewaySettings,
    Sender,
    ServerTLS,
    StowTarget,
    read_gateway_settings,
)
from operators.errors import Refusal

pytestmark = pytest.mark.slow

SHIPPED = Path(__file__).resolve().parents[3] / "deploy" / "pacs" / "gateway.yaml"
WEB = {"name": "archive", "kind": "stow"}


def changed(tmp_path, change):
    content = yaml.safe_load(SHIPPED.read_text())
    change(content)
    file = tmp_path / "gateway.yaml"
    file.write_text(yaml.safe_dump(content))
    return file


def sections():
    settings = GatewaySettings.model_fields
    kinds = [field.annotation for field in settings.values()]
    models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return [GatewaySettings, *models, Sender, ServerTLS, ClientTLS, DicomTarget, StowTarget]


def test_the_shipped_file_is_right():
    assert read_gateway_settings(SHIPPED).dicom.ae_title == "SYNCTA"


def test_the_shipped_file_holds_the_defaults():
    shipped = read_gateway_settings(SHIPPED)
    for name in ("worker", "retry", "retention"):
        assert getattr(shipped, name) == type(getattr(shipped, name))()


@pytest.mark.parametrize("key", sorted({key for section in sections() for key in section.model_fields}))
def test_the_shipped_file_names_every_key(key):
    assert f"{key}:" in SHIPPED.read_text()


def only_web(**settings: str) -> Callable[[dict], None]:
    """A change that leaves one target, a STOW-RS server."""
    return lambda content: content.update(targets=[{**WEB, **settings}])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda c: c["dicom"].update(port=0), "dicom.port", id="port"),
        pytest.param(lambda c: c["dicom"].update(prot=1), "dicom.prot", id="unknown key"),
        pytest.param(lambda c: c["dicom"].update(ae_title="SEVENTEEN-LETTERS"), "dicom.ae_title", id="long AE title"),
        pytest.param(lambda c: c["dicom"].update(allow=[]), "dicom.allow", id="nobody allowed"),
        pytest.param(lambda c: c["dicom"]["allow"][0].update(address="10.1.2"), "address", id="address"),
        pytest.param(lambda c: c["queue"].update(unit="patient"), "queue.unit", id="unit"),
        pytest.param(lambda c: c["queue"].update(quiet_s=0), "queue.quiet_s", id="no waiting time"),
        pytest.param(lambda c: c.pop("queue"), "queue", id="no queue"),
        pytest.param(lambda c: c.update(targets=[]), "targets", id="no target"),
        pytest.param(lambda c: c["targets"][0].update(kind="ftp"), "targets.0", id="kind of target"),
        pytest.param(lambda c: c["targets"][0].update(name="../etc"), "targets.0", id="name that is a path"),
        pytest.param(lambda c: c["targets"].append(c["targets"][0]), "a different name", id="same name twice"),
        pytest.param(only_web(url="https://u:p@host/"), "url", id="password in the URL"),
        pytest.param(only_web(url="https://host/", username="u"), "password_file", id="name without password"),
        pytest.param(
            only_web(url="http://host/", username="u", password_file="p"), "use https", id="password in the clear"
        ),
        pytest.param(only_web(url="http://host/", token_file="t"), "use https", id="token in the clear"),
        pytest.param(
            lambda c: c["targets"][0].update(tls={"key": "a.pem"}), "both certificate and key", id="key alone"
        ),
    ],
)
def test_a_wrong_value_is_named(tmp_path, change, words):
    with pytest.raises(Refusal, match=words) as refusal:
        read_gateway_settings(changed(tmp_path, change))
    assert (refusal.value.exit_code, refusal.value.reason.code) == (78, "settings")


@pytest.mark.parametrize("host", ["localhost:8042", "127.0.0.1", "[::1]:80"])
def test_a_token_may_go_to_this_machine_without_tls(host):
    assert StowTarget(**WEB, url=f"http://{host}/dicom-web", token_file="token")


def test_a_server_that_asks_for_no_login_may_do_without_tls():
    assert StowTarget(**WEB, url="http://archive/dicom-web")


def test_a_missing_file_and_broken_yaml_are_told(tmp_path):
    with pytest.raises(Refusal, match="missing"):
        read_gateway_settings(tmp_path / "no.yaml")
    (tmp_path / "broken.yaml").write_text("dicom: [")
    with pytest.raises(Refusal, match="line 1"):
        read_gateway_settings(tmp_path / "broken.yaml")


@pytest.mark.parametrize(
    ("ae_title", "address", "allowed"),
    [
        ("PACS", "10.1.2.3", True),
        ("PACS", "::ffff:10.1.2.3", True),
        ("PACS", "10.9.9.9", False),
        ("CT1", "192.168.7.7", True),
        ("CT2", "10.1.2.3", False),
        ("pacs", "10.1.2.3", False),
    ],
)
def test_the_allow_list_looks_at_title_and_address(ae_title, address, allowed):
    allow = [Sender(ae_title="PACS", address="10.1.2.0/24"), Sender(ae_title="CT1")]
    assert is_allowed(allow, ae_title, address) is allowed


def test_any_ae_title_may_be_allowed_from_a_network():
    allow = [Sender(ae_title="*", address="10.1.2.0/24")]
    assert is_allowed(allow, "WHOEVER", "10.1.2.3")
    assert not is_allowed(allow, "WHOEVER", "10.2.2.3")


def test_every_transfer_syntax_that_the_reader_decodes_safely_is_offered():
    decodable = set()
    for syntax in AllTransferSyntaxes:
        with contextlib.suppress(NotImplementedError):
            if get_decoder(syntax).is_available:
                decodable.add(syntax)
    assert set(readable_transfer_syntaxes()) == decodable - {JPEGExtended12Bit, DeflatedExplicitVRLittleEndian}


def test_compose_orthanc_and_gateway_speak_of_the_same_ports_names_and_folders():
    gateway = read_gateway_settings(SHIPPED)
    services = yaml.safe_load((SHIPPED.parent / "compose.yaml").read_text())["services"]
    text = (SHIPPED.parent / "orthanc.json").read_text()
    orthanc = json.loads("\n".join(line for line in text.splitlines() if not line.strip().startswith("//")))
    assert orthanc["DicomModalities"]["gateway"] == [gateway.dicom.ae_title, "gateway", gateway.dicom.port]
    assert orthanc["DicomAet"] == gateway.dicom.allow[0].ae_title == gateway.targets[0].ae_title
    assert (gateway.targets[0].host, gateway.targets[0].port) == ("orthanc", orthanc["DicomPort"])
    assert f"queue:{gateway.queue.folder}" in services["gateway"]["volumes"]
    named = services["gateway"]["environment"]["SYN_CTA_GATEWAY_SETTINGS"]
    assert f"./gateway.yaml:{named}:ro" in services["gateway"]["volumes"]
    opened = {port.rsplit(":", 1)[1] for port in services["gateway"]["ports"]}
    assert opened == {str(gateway.dicom.port), str(gateway.http.port)}
    mounted = [volume.split(":")[0] for service in services.values() for volume in service["volumes"]]
    assert all((SHIPPED.parent / path).is_file() for path in mounted if path.startswith("./"))
