"""app.json and pkg.json of the MAP: rendered by holoscan-cli's packager, completed to the specification.

The packager leaves out the application's type, the output's format and two variables, gives paths relative to the
working directory where the specification wants absolute ones, and lists models by name instead of as objects
(MONAI Application Package specification 1.0, tables of manifest fields).
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from holoscan_cli.packager.arguments import PackagingArguments
from holoscan_cli.packager.package_command import create_package_parser

ARTIFACTS = Path(__file__).resolve().parent / "artifacts.json"
WORK_FOLDER = "/var/holoscan"
TIMEOUT_S = 3600


def render(application: Path, models: Path, settings: Path, *, tag: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Render both manifests.

    Args:
        application: staged application, a folder with __main__.py.
        models: folder that holds nothing but the bundle.
        settings: app.yaml.
        tag: name and tag of the image.

    Returns:
        (app.json, pkg.json).
    """
    parser = argparse.ArgumentParser()
    create_package_parser(parser.add_subparsers(), "package", parents=[])
    command = ["package", str(application), "--config", str(settings), "--models", str(models), "--tag", tag]
    fixed = ["--platform", "x86_64", "--sdk", "monai-deploy", "--timeout", str(TIMEOUT_S), "--source", str(ARTIFACTS)]
    with tempfile.TemporaryDirectory() as scratch:
        packaging = PackagingArguments(parser.parse_args(command + fixed), scratch)
    app, pkg = packaging.application_manifest.data, packaging.package_manifest.data
    version = str(app["version"])
    app |= {"type": "application", "version": version, "sdkVersion": str(app["sdkVersion"])}
    app["output"]["format"] = {"type": "file", "formats": app["output"]["formats"]}
    app["environment"] |= variables()
    pkg |= {"version": version, "models": [{"name": name, "path": name} for name in pkg["models"]]}
    return app, pkg


def variables() -> dict[str, str]:
    """The variables of the specification, with the `_PATH` spellings of the packager for documents and logs."""
    return {
        "HOLOSCAN_INPUT_PATH": f"{WORK_FOLDER}/input",
        "HOLOSCAN_OUTPUT_PATH": f"{WORK_FOLDER}/output",
        "HOLOSCAN_WORKDIR": WORK_FOLDER,
        "HOLOSCAN_MODEL_PATH": "/opt/holoscan/models",
        "HOLOSCAN_CONFIG_PATH": f"{WORK_FOLDER}/app.yaml",
        "HOLOSCAN_APP_MANIFEST_PATH": "/etc/holoscan/app.json",
        "HOLOSCAN_PKG_MANIFEST_PATH": "/etc/holoscan/pkg.json",
        "HOLOSCAN_DOCS": "/opt/holoscan/docs",
        "HOLOSCAN_DOCS_PATH": "/opt/holoscan/docs",
        "HOLOSCAN_LOGS": f"{WORK_FOLDER}/logs",
        "HOLOSCAN_LOGS_PATH": f"{WORK_FOLDER}/logs",
    }
