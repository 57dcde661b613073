"""Makes a training folder of a source: <out>/<case>/{ncct,cta}.nii, report, linking list, and at last datalist.json."""

import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from tqdm import tqdm

from cohorts.prepare.candidates import Candidate
from cohorts.prepare.layouts import discover
from cohorts.prepare.linking import LINKING_FILE, cases, earlier_splits, write_linking
from cohorts.prepare.lists import apply_patients, read_pairs, read_patients
from cohorts.prepare.options import PatientOptions, SearchOptions, SplitOptions
from cohorts.prepare.pair import Outcome, make_case
from cohorts.prepare.reasons import Reason
from cohorts.prepare.report import summarise, write_report
from cohorts.prepare.settings import PairOptions
from cohorts.prepare.split import Amounts, split_patients
from cohorts.prepare.split_changes import split_change_warnings
from cohorts.worker_pool import run_jobs
from scripts.files import remove_drafts, write_whole

logger = logging.getLogger(__name__)

DATALIST_FILE = "datalist.json"
UNKNOWN = "unknown"
_MAX_WORKERS = 8


def prepare(
    source: str | Path,
    out: str | Path,
    *,
    search_options: SearchOptions | None = None,
    patient_options: PatientOptions | None = None,
    split_options: SplitOptions | None = None,
    pair_options: PairOptions | None = None,
    workers: int | None = None,
) -> Path:
    """Find, check, resample, split and report the pairs of a source, which is only read.

    Args:
        source: folder of the scans.
        out: training folder; a second run keeps the pairs that need no change, and the patients' splits.
        search_options: where the pairs are; None for the first layout that gives a pair.
        patient_options: what is known of the patients; None for nothing.
        split_options: how they are split; None for 70, 15 and 15 % with seed 0.
        pair_options: how pairs are made; None for the defaults.
        workers: processes, each of which needs up to 3 GB for scans of 700 slices; 0 for none beside this one, the
            number of CPUs, at most 8, when None.

    Returns:
        Path of datalist.json, which is written last.

    Raises:
        FileNotFoundError: source or a list is missing.
        FileExistsError: the output folder holds other data.
        ValueError: the lists or patterns are wrong, or no pair is left; the report then says why.
    """
    if not source or not out:
        raise ValueError("Give the folder of the scans (source) and the training folder (out, or output_dir).")
    source, out = Path(source), Path(out)
    search_options, patient_options = search_options or SearchOptions(), patient_options or PatientOptions()
    split_options, pair_options = split_options or SplitOptions(), pair_options or PairOptions()
    amounts = split_options.amounts
    _check_folders(source, out)
    known = read_patients(Path(patient_options.listed)) if patient_options.listed else {}
    if search_options.pairs_list:
        layout, found = "list of pairs", read_pairs(Path(search_options.pairs_list), source)
    else:
        layout, found = discover(source, search_options.layout, search_options.own_layout())
    candidates = apply_patients(_unique(found), known)
    out.mkdir(parents=True, exist_ok=True)
    remove_drafts(out)
    case_of = cases(candidates, out, patient_options.keep_ids)
    earlier = earlier_splits(out)
    write_linking(candidates, case_of, {}, out)  # before the first folder, so that every case has its patient
    (out / DATALIST_FILE).unlink(missing_ok=True)  # it may name pairs that this run replaces or leaves out

    outcomes = _make_all(candidates, case_of, out, pair_options, workers)
    records = {case_of[c.patient]: _record(c, outcomes[case_of[c.patient]], patient_options) for c in candidates}
    accepted = [c for c in candidates if outcomes[case_of[c.patient]].reason is None]
    listed = {c.patient: c.split for c in accepted if c.split}
    before = None if split_options.resplit else earlier
    splits, notes = split_patients([c.patient for c in accepted], amounts, split_options.seed, listed, before)
    for patient, name in splits.items():
        records[case_of[patient]]["split"] = name
    notes += _absent(known, case_of, "the patients' list") + _absent(earlier, case_of, "an earlier run")
    warnings = split_change_warnings(earlier, splits, listed)
    for level, remarks in ((logging.INFO, notes), (logging.WARNING, warnings)):
        for remark in remarks:
            logger.log(level, "%s.", remark)
    settings = {"layout": layout, "split": dict(amounts), "resplit": split_options.resplit, **asdict(pair_options)}
    ordered = [outcomes[case] for case in case_of.values()]
    write_report(summarise(ordered, records, settings, notes, warnings), out)
    # after the report, so that a run that is stopped never changes splits without its warning
    write_linking(candidates, case_of, {case_of[patient]: name for patient, name in splits.items()}, out)
    if not accepted:
        raise ValueError(f"None of {len(candidates)} pairs can be used. The reasons are in {out / 'report.html'}.")
    write_whole(out / DATALIST_FILE, json.dumps(_datalist(ordered, records, amounts), indent=1) + "\n")
    logger.info(
        "%d pairs accepted, %d rejected: %s", len(accepted), len(candidates) - len(accepted), out / "report.html"
    )
    return out / DATALIST_FILE


def _check_folders(source: Path, out: Path) -> None:
    if not source.is_dir():
        raise FileNotFoundError(f"No folder at {source}.")
    if out.resolve().is_relative_to(source.resolve()):
        raise ValueError(
            "The output folder lies inside the source folder, which is not changed. Give another output folder."
        )
    if source.resolve().is_relative_to(out.resolve()):
        raise ValueError("The source folder lies inside the output folder. Give another output folder.")
    if (out / DATALIST_FILE).exists() and not (out / LINKING_FILE).exists():
        raise FileExistsError(f"{out} holds another cohort. Give an empty folder.")


def _unique(candidates: list[Candidate]) -> list[Candidate]:
    names = [candidate.patient for candidate in candidates]
    if twice := sum(names.count(name) > 1 for name in set(names)):
        raise ValueError(f"{twice} patients have several rows in the list. Give one pair for each patient.")
    return candidates


def _make_all(
    candidates: list[Candidate], case_of: Mapping[str, str], out: Path, pair_options: PairOptions, workers: int | None
) -> dict[str, Outcome]:
    workers = min(_MAX_WORKERS, os.cpu_count() or 1) if workers is None else workers
    jobs = [(case_of[candidate.patient], candidate) for candidate in candidates]
    results = run_jobs(partial(_make_job, out=out, pair_options=pair_options), jobs, workers, crashed=_crashed)
    outcomes = {}
    for outcome in tqdm(results, total=len(jobs), desc="pairs", unit="pair"):
        outcomes[outcome.case] = outcome
        if outcome.reason is not None:
            logger.info("%s: %s%s", outcome.case, outcome.reason, f" ({outcome.detail})" if outcome.detail else "")
    return outcomes


def _make_job(job: tuple[str, Candidate], out: Path, pair_options: PairOptions) -> Outcome:
    return make_case(*job, out, pair_options)


def _crashed(job: tuple[str, Candidate]) -> Outcome:
    return Outcome(job[0], reason=Reason.CRASHED.value)


def _absent(patients: Iterable[str], case_of: Mapping[str, str], where: str) -> list[str]:
    absent = len(set(patients) - set(case_of))
    return [f"{absent} patients of {where} are not in the source"] if absent else []


def _record(candidate: Candidate, outcome: Outcome, patient_options: PatientOptions) -> dict[str, str]:
    return {
        "region": candidate.region or outcome.region or patient_options.region or UNKNOWN,
        "label": candidate.label or patient_options.label or UNKNOWN,
    }


def _datalist(
    outcomes: Sequence[Outcome], records: Mapping[str, Mapping[str, str]], amounts: Amounts
) -> dict[str, list[dict[str, str]]]:
    """Format of scripts/data/datalist.py; every split that was asked for is there, also when it is empty."""
    datalist: dict[str, list] = {name: [] for name in ("training", "validation", "test", *amounts)}
    for outcome in outcomes:
        if outcome.reason is None:
            record = records[outcome.case]
            entry = {"patient": outcome.case, "region": record["region"], "label": record["label"]}
            entry |= {name: f"{outcome.case}/{file}" for name, file in outcome.volumes.items()}
            datalist.setdefault(record["split"], []).append(entry)
    return datalist
