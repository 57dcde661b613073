#!/opt/venv/bin/python
"""Entry point of the MAP: runs the app, or describes the package (MONAI Application Package specification 1.0).

  (nothing, or options of the app)   run the command of app.json; the exit code is the app's
  show [app|pkg]                     print the manifests
  extract                            copy app, config, models and docs to /var/run/holoscan/export, or only into those
                                     of its sub-folders that are mounted
  env                                print the environment
  help                               print this

Standard library only; the process becomes the app, so that signals reach it.
"""

import json
import os
import shutil
import sys
from pathlib import Path

APP_MANIFEST = Path(os.environ.get("HOLOSCAN_APP_MANIFEST_PATH", "/etc/holoscan/app.json"))
PKG_MANIFEST = Path(os.environ.get("HOLOSCAN_PKG_MANIFEST_PATH", "/etc/holoscan/pkg.json"))
EXPORT = Path("/var/run/holoscan/export")
CANNOT_WRITE = 73
USAGE = 2


def main(arguments: list[str]) -> int:
    """Carry out a command; does not return when the app is run."""
    command, *rest = arguments or [""]
    if command == "show":
        return _show(rest)
    if command == "extract":
        return _extract()
    if command == "env":
        print("\n".join(f"{name}={value}" for name, value in sorted(os.environ.items())))
        return 0
    if command == "help":
        print(__doc__)
        return 0
    application = json.loads(json.loads(APP_MANIFEST.read_text(encoding="utf-8"))["command"])
    os.execvp(application[0], [*application, *arguments])


def _show(names: list[str]) -> int:
    manifests = {"app": APP_MANIFEST, "pkg": PKG_MANIFEST}
    if unknown := [name for name in names if name not in manifests]:
        print(f"show: unknown manifest {unknown[0]}; known: app, pkg", file=sys.stderr)
        return USAGE
    for name in names or manifests:
        if len(names) != 1:  # one alone stays valid JSON
            print(f"{'=' * 30} {name}.json {'=' * 30}")
        print(json.dumps(json.loads(manifests[name].read_text(encoding="utf-8")), indent=2))
    return 0


def _extract() -> int:
    sources: dict[str, list[str | Path]] = {
        "app": [os.environ["HOLOSCAN_APPLICATION"]],
        "config": [APP_MANIFEST, PKG_MANIFEST, os.environ["HOLOSCAN_CONFIG_PATH"]],
        "models": [os.environ["HOLOSCAN_MODEL_PATH"]],
        "docs": [os.environ["HOLOSCAN_DOCS"]],
    }
    if not EXPORT.is_dir():
        print(f"extract: mount a folder at {EXPORT}", file=sys.stderr)
        return USAGE
    mounted = [name for name in sources if (EXPORT / name).is_dir()]
    try:
        for name in mounted or sources:
            for source in map(Path, sources[name]):
                (EXPORT / name).mkdir(exist_ok=True)
                if source.is_dir():
                    shutil.copytree(source, EXPORT / name, dirs_exist_ok=True, copy_function=shutil.copyfile)
                else:
                    shutil.copyfile(source, EXPORT / name / source.name)
    except PermissionError:
        print(
            f"extract: user {os.getuid()} cannot write to the folder mounted at {EXPORT}. Change its permissions or "
            "the user",
            file=sys.stderr,
        )
        return CANNOT_WRITE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
