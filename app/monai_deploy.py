"""Console script `monai-deploy`: adds `exec`, which App SDK 1.0 removed, and passes the other verbs to holoscan-cli."""

import os
import sys
from pathlib import Path

_HELP = """\
usage: monai-deploy exec APP [options of the app]
       monai-deploy {package,run,version,nics} ...

exec     run an application, given as a folder with __main__.py or as a .py file:
           monai-deploy exec app -i DIR -o DIR -m bundle
         'monai-deploy exec app -h' lists the app's options; the app's exit code is passed on. Paths that are not
         given come from HOLOSCAN_INPUT_PATH, HOLOSCAN_OUTPUT_PATH and HOLOSCAN_MODEL_PATH, or else from
         MONAI_INPUTPATH, MONAI_OUTPUTPATH and MONAI_MODELPATH. Needs no GPU, no docker, no network
package  build a MONAI Application Package          (holoscan-cli; for help give -h after the command)
run      run a MONAI Application Package            (holoscan-cli)
version  versions of the SDK and of holoscan-cli    (holoscan-cli)
nics     list network interfaces                    (holoscan-cli)
"""
_PREFACES = {
    "package": """\
Builds a MONAI Application Package with the Dockerfile of the SDK. Needs docker with buildx, images of nvcr.io, and the
network. `make map` builds the package of this project and needs less: docker, podman or buildah; wheels pinned by hash.
The packager copies one folder. Give it the folder that `make map MAP_OPTIONS=--no-build` stages, and the file of
image names that it would download otherwise:
  monai-deploy package build/map/cpu-py3.11/app -c app.yaml -m build/map/cpu-py3.11/models -t syn-cta:sdk \\
    --platform x86_64 --source deploy/map/artifacts.json
""",
    "run": """\
Runs a MONAI Application Package on a folder. Needs docker with buildx, nvidia-smi and the nvidia container runtime,
also for a package that uses the CPU. Without them use docker or podman directly:
  docker run --rm --network none --cap-drop all -v DIR:/var/holoscan/input:ro -v DIR:/var/holoscan/output syn-cta:TAG
""",
    "version": "Prints the versions of MONAI Deploy App SDK, Holoscan and holoscan-cli. Needs no container engine.\n",
    "nics": "Lists the network interfaces that a distributed Holoscan application could use; Syn-CTA uses none.\n",
}
"""What holoscan-cli's own help does not say: what a verb does and what it needs."""

_USAGE_ERROR = 2


def main(argv: list[str] | None = None) -> int:
    """Run a verb.

    Args:
        argv: program name and arguments; None for the command line.

    Returns:
        Exit code; `exec` does not return, its process becomes the app's.
    """
    argv = list(sys.argv if argv is None else argv)
    verb = argv[1] if len(argv) > 1 else "-h"
    if verb in ("-h", "--help"):
        print(_HELP, end="")
        return 0
    if verb == "exec":
        return _execute(argv[2:])
    if verb not in _PREFACES and not verb.startswith("-"):
        print(f"monai-deploy: unknown command {verb}; known commands: exec, {', '.join(_PREFACES)}.", file=sys.stderr)
        return _USAGE_ERROR
    if verb in _PREFACES and not {"-h", "--help"}.isdisjoint(argv[2:]):
        print(_PREFACES[verb], flush=True)
    from holoscan_cli.__main__ import main as holoscan_cli

    return holoscan_cli(argv) or 0


def _execute(arguments: list[str]) -> int:
    """Replace this process by the app in a new Python, so that exit code and signals are those of the app."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(_HELP, end="")
        return 0
    if not arguments or arguments[0].startswith("-"):
        print("monai-deploy exec: give the folder of the application first, then its options.", file=sys.stderr)
        return _USAGE_ERROR
    application = Path(arguments[0])
    if application.is_file() and (application.parent / "__main__.py").is_file():
        application = application.parent  # a module of a package cannot run on its own
    if not (application.is_file() or (application / "__main__.py").is_file()):
        print(
            "monai-deploy exec: no application there. Give a folder with __main__.py, or a .py file.", file=sys.stderr
        )
        return _USAGE_ERROR
    os.execv(sys.executable, [sys.executable, str(application), *arguments[1:]])


if __name__ == "__main__":
    sys.exit(main())
