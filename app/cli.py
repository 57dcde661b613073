"""Command line of the app."""

import argparse
import logging
import os
import time
from pathlib import Path

from app.archive import opened_input
from app.exit_codes import table
from app.failures import exit_code_of
from app.logs import add_log_level, set_up_logging
from app.program_name import program_name
from app.shipped import BUNDLE, SETTINGS
from operators.errors import ExitCode, Reason, Refusal

logger = logging.getLogger(__name__)

_INPUT_VARIABLES = ("HOLOSCAN_INPUT_PATH", "MONAI_INPUTPATH")
_OUTPUT_VARIABLES = ("HOLOSCAN_OUTPUT_PATH", "MONAI_OUTPUTPATH")
_MODEL_VARIABLES = ("HOLOSCAN_MODEL_PATH", "MONAI_MODELPATH")
_SETTINGS_VARIABLES = ("HOLOSCAN_CONFIG_PATH",)
_SERIES_VARIABLE = "SYN_CTA_SERIES_UID"

_DESCRIPTION = """\
Convert a non-contrast chest, neck or abdomen CT (DICOM) to a synthetic CT angiogram (DICOM).
Research software: the result is synthetic, no contrast was given, and it is not for diagnosis.

The input folder and its sub-folders are searched. One axial, original, non-contrast CT series of a region that the
model was trained on is chosen by a fixed rule (fewest warnings, most slices, thinnest, soft kernel) and checked. If it
fails a check, the next series is tried; if all fail, the input is refused. app.yaml sets under loader.gates which
findings (contrast, anatomy, thick or few slices, metal) refuse a series and which only give a warning.

The output folder receives
  syn-cta/*.dcm      one CT slice for each source slice, in the study of the source
  uncertainty/*.dcm  where not to trust it, one slice for each source slice, if app.yaml asks for it
  companions/*.dcm   presentation state, structured report, PDF report, key object note, as app.yaml says
  preview.png        NCCT, Syn-CTA, difference and uncertainty
  result.html        NCCT and Syn-CTA to scroll through in any browser, one file
  result.json        versions, geometry, timings, HU statistics, warnings; no patient data; written last
or, if the run fails or is ended by SIGTERM, nothing. A killed run (SIGKILL) leaves a hidden folder but no
result.json; the next run with the same output folder removes it."""

_EPILOG = f"""\
examples
  python -m app -i study/ -o result/
  python -m app -i study/ -o result/ --device cpu --log-level DEBUG
  python -m app -i studies/ -o results/ --all

with --all the results are in <output>/study-<digest of the Study Instance UID>/, the same name for the same study. The
line of JSON of a refused study has this name as "study". <output>/summary.csv lists all studies: study, source
folder in the input, status, reason. The exit code is 0 if every study was converted, else the highest exit code of
those that were not.

exit codes (sysexits); a refusal also writes one line of JSON to stderr with a stable "reason", one of the words below
its exit code
{table()}

environment variables, used if the option is not given
  HOLOSCAN_INPUT_PATH, HOLOSCAN_OUTPUT_PATH, HOLOSCAN_MODEL_PATH, HOLOSCAN_CONFIG_PATH (a MAP sets them);
  MONAI_INPUTPATH, MONAI_OUTPUTPATH, MONAI_MODELPATH (mercure sets them); SYN_CTA_SERIES_UID
and in every case
  TZ  time zone of the result's dates and times, like Europe/Berlin, if the source names none (a container is in UTC)"""


def main(argv: list[str] | None = None) -> int:
    """Run the app.

    Args:
        argv: arguments without the program's name; None for the command line.

    Returns:
        Exit code.
    """
    parser = _argument_parser()
    arguments = parser.parse_args(argv)
    if arguments.input is None or arguments.output is None:
        parser.error("give the input folder with -i and the output folder with -o")
    if arguments.all and arguments.series_uid:
        parser.error("--all converts every study; it cannot be combined with --series-uid or SYN_CTA_SERIES_UID")
    set_up_logging(arguments.log_level)
    return exit_code_of(lambda: _run(arguments))


def _run(arguments: argparse.Namespace) -> ExitCode:
    # What follows is imported here, so that the help comes at once.
    from app.cuda_runtime import preload_cuda_runtime
    from app.mercure import called_by_mercure, lift_objects
    from app.monai_import import import_monai
    from app.process_tuning import importing, tune_process
    from app.settings import read_settings
    from app.stack_limit import raise_stack_limit
    from operators.dicom_loader.files import files_under
    from operators.output.staging import check_output
    from operators.run_record import RunRecord

    start = time.perf_counter()
    tune_process()
    settings = read_settings(arguments.settings)
    check_output(arguments.output, overwrite=arguments.overwrite)
    files_under(arguments.input)  # report a wrong folder before the libraries are loaded
    raise_stack_limit()
    preload_cuda_runtime()
    with importing():
        import_monai()
        from app.all_studies import run_all  # after the preparations above, since it imports Holoscan
        from app.app import open_bundle, run_opened

    logger.info("%-22s %7.2f s", "load libraries", time.perf_counter() - start)
    record = RunRecord()
    device = None if arguments.device == "auto" else arguments.device
    bundle = open_bundle(
        bundle_folder(arguments.model), device=device, amp=arguments.amp, engine=arguments.engine, record=record
    )
    exit_code = ExitCode.OK
    with opened_input(arguments.input) as folder:
        folders = {"input_folder": folder, "output_folder": arguments.output}
        if arguments.all:
            exit_code = run_all(**folders, bundle=bundle, settings=settings, overwrite=arguments.overwrite)
        else:
            run_opened(**folders, bundle=bundle, settings=settings, series_uid=arguments.series_uid, record=record)
    if called_by_mercure():
        lift_objects(arguments.output)
    logger.info("%-22s %7.2f s", "done", time.perf_counter() - start)
    return exit_code


def _argument_parser() -> argparse.ArgumentParser:
    program = program_name("app", "syn-cta")
    parser = argparse.ArgumentParser(
        prog=program,
        description=_DESCRIPTION,
        epilog=_EPILOG.replace("python -m app ", f"{program} "),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "-i",
        "--input",
        type=Path,
        metavar="DIR",
        default=_from_environment(_INPUT_VARIABLES),
        help="DICOM folder, a .zip of such a folder, or a multi-frame file",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        default=_from_environment(_OUTPUT_VARIABLES),
        help="output folder; created if it does not exist",
    )
    parser.add_argument(
        "-m",
        "--model",
        type=Path,
        metavar="BUNDLE",
        default=_from_environment(_MODEL_VARIABLES) or BUNDLE,
        help="MONAI bundle folder (default: bundle/ beside the app). Its config can run code: use only a bundle that "
        "you trust",
    )
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        default=_from_environment(_SETTINGS_VARIABLES) or SETTINGS,
        help="YAML file with the settings of your site (default: app.yaml beside the app)",
    )
    parser.add_argument(
        "--series-uid",
        metavar="UID",
        default=os.environ.get(_SERIES_VARIABLE) or None,  # schedulers hand over empty variables
        help="convert the series with this UID instead of the one that the rule chooses; it is checked in the same way",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="convert every study of the input folder, each into its own folder; if one fails, the others are still "
        "converted",
    )
    parser.add_argument(
        "--device", default="auto", metavar="DEVICE", help="auto (a GPU if there is one), cpu, cuda or cuda:N"
    )
    parser.add_argument(
        "--amp",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="mixed precision on or off (default: as the bundle sets it)",
    )
    parser.add_argument(
        "--engine",
        choices=("auto", "torch", "openvino"),
        help="library that runs the network; auto is OpenVINO on CPUs and PyTorch on GPUs (default: as the bundle sets "
        "it)",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace the result of an earlier run in the output folder"
    )
    add_log_level(parser)
    return parser


def _from_environment(names: tuple[str, ...]) -> Path | None:
    return next((Path(os.environ[name]) for name in names if os.environ.get(name)), None)


def bundle_folder(path: Path) -> Path:
    """The bundle at a path: the folder itself, or its only sub-folder, as a MAP lays models out.

    Raises:
        Refusal: BUNDLE, when the folder cannot be read.
    """
    try:
        if (path / "configs").is_dir() or not path.is_dir():
            return path
        bundles = [folder for folder in path.iterdir() if (folder / "configs").is_dir()]
    except OSError as error:
        raise Refusal(Reason.BUNDLE, "The bundle folder cannot be read. Check its permissions.") from error
    return bundles[0] if len(bundles) == 1 else path
