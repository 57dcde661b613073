"""Real peers for tests, on loopback: Orthanc with the configuration that deploy/pacs ships, and dcmtk's commands."""

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import requests
from dicomweb_client.web import DICOMwebClient

from tests.app.gateway.running import LOOPBACK, ROOT, eventually, free_port

SHIPPED = ROOT / "deploy" / "pacs"
ORTHANC = shutil.which("Orthanc", path="/usr/sbin:/usr/local/sbin:/usr/bin") or ""
PLUGINS = [Path("/usr/share/orthanc/plugins") / f"lib{name}.so" for name in ("OrthancDicomWeb", "OrthancGdcm")]
DCMTK = ("echoscu", "storescu", "findscu")
USER = ("orthanc", "orthanc")


def missing_peers() -> str | None:
    """What is not installed, or None."""
    missing = [name for name in DCMTK if shutil.which(name) is None]
    missing += [] if ORTHANC else ["Orthanc"]
    missing += [plugin.name for plugin in PLUGINS if not plugin.exists()]
    return ", ".join(missing) or None


class Orthanc:
    """An Orthanc that keeps its data over restarts.

    Args:
        folder: takes its data.
        gateway_port: port of the gateway that it routes to.
        routing: text of the Lua script that routes; None for the shipped one, "" for none.
        aet: its AE title.
        password: whether it asks for one.
    """

    def __init__(
        self,
        folder: Path,
        gateway_port: int,
        *,
        routing: str | None = None,
        aet: str = "ORTHANC",
        password: bool = True,
    ) -> None:
        folder.mkdir(parents=True)
        self.port, self.http_port = free_port(), free_port()
        self.aet = aet
        self._folder = folder
        self._process: subprocess.Popen | None = None
        configuration = json.loads(re.sub(r"(?m)^\s*//.*$", "", (SHIPPED / "orthanc.json").read_text()))
        script = folder / "route.lua"
        script.write_text((SHIPPED / "route.lua").read_text() if routing is None else routing)
        configuration |= {
            "DicomAet": aet,
            "DicomPort": self.port,
            "HttpPort": self.http_port,
            "StableAge": 1,
            "AuthenticationEnabled": password,
            "RemoteAccessAllowed": password,
            "LuaScripts": [str(script)],
            "DicomModalities": {"gateway": ["SYNCTA", LOOPBACK, gateway_port]},
            "StorageDirectory": str(folder / "db"),
            "IndexDirectory": str(folder / "db"),
            "Plugins": [str(plugin) for plugin in PLUGINS],
            "ConcurrentJobs": 2,
            "SyncStorageArea": False,  # only a test: killing the process does not lose what the kernel has
        }
        self._configuration = folder / "orthanc.json"
        self._configuration.write_text(json.dumps(configuration))

    def start(self) -> "Orthanc":
        """Start, or start again, and wait until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([ORTHANC, str(self._configuration)], stdout=log, stderr=log)
        eventually(self._answers, 120)
        return self

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def get(self, path: str) -> Any:
        """Answer of its REST interface."""
        answer = requests.get(f"http://{LOOPBACK}:{self.http_port}{path}", auth=USER, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        """Answer of its REST interface."""
        answer = requests.post(f"http://{LOOPBACK}:{self.http_port}{path}", auth=USER, timeout=60, json=body)
        answer.raise_for_status()
        return answer.json()

    @property
    def instances(self) -> int:
        """Number of objects that it holds."""
        return self.get("/statistics")["CountInstances"]

    @property
    def dicomweb(self) -> DICOMwebClient:
        """A client of its DICOMweb interface."""
        session = requests.Session()
        session.auth = USER
        return DICOMwebClient(f"http://{LOOPBACK}:{self.http_port}/dicom-web", session=session)

    @property
    def target(self) -> dict[str, Any]:
        """Its entry in gateway.yaml, by C-STORE."""
        return {"name": "pacs", "kind": "dicom", "host": LOOPBACK, "port": self.port, "ae_title": self.aet}

    def stow_target(self, folder: Path) -> dict[str, Any]:
        """Its entry in gateway.yaml, by STOW-RS."""
        password = folder / "password"
        password.write_text(f"{USER[1]}\n")
        url = f"http://{LOOPBACK}:{self.http_port}/dicom-web"
        return {"name": "archive", "kind": "stow", "url": url, "username": USER[0], "password_file": str(password)}

    def _answers(self) -> bool:
        try:
            return bool(self.get("/system"))
        except requests.RequestException:
            return False


def dcmtk(command: str, *arguments: object, check: bool = True) -> subprocess.CompletedProcess:
    """Run one of dcmtk's commands."""
    done = subprocess.run([command, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 or not check, done.stdout + done.stderr
    return done


def storescu(folder: Path, port: int, *, called: str, calling: str = "SENDER", check: bool = True):
    """Send every file below a folder."""
    return dcmtk("storescu", "-aet", calling, "-aec", called, LOOPBACK, port, "+sd", "+r", folder, check=check)
