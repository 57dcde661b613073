"""Synthesises and scores the patients of a cohort with several models, one patient after the other."""

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tqdm import tqdm

from scripts.evaluation.cohort import has_several_cohorts
from scripts.evaluation.figures import LUMEN, NCCT, REAL, SYNTHETIC, representative_slice
from scripts.evaluation.known_anatomy import KNOWN_ANATOMY, known_anatomy_hu
from scripts.evaluation.scores import score, vessel_means
from scripts.evaluation.truth import Truth, VesselZone, load_truth
from scripts.metrics import PAPER, Convention

UNCHANGED = "NCCT unchanged"
"""The model that changes nothing; it is in every table."""

_REASON_LETTERS = 500  # torch's messages are too long for a report

Model = Callable[[str], tuple[torch.Tensor, torch.Tensor]]
"""From a volume's path to source and synthetic volume in HU, as `scripts.evaluation.synthesis.Synthesis`."""


@dataclass(frozen=True)
class PatientScores:
    """What was measured on one patient.

    Attributes:
        scores: a row a model: patient, region, label, model, and the values of all measures, before them the cohort
            where there are several; on request, a row of `KNOWN_ANATOMY` too.
        vessels: a row a model and vessel: the same names, and what `vessel_means` gives.
        slices: one slice for each model by `NCCT`, `SYNTHETIC`, `REAL` (int16 HU) and `LUMEN` (mask).
    """

    scores: list[dict]
    vessels: list[dict]
    slices: dict[str, dict[str, np.ndarray]]


def score_cohort(
    records: Sequence[dict],
    models: Mapping[str, Model | None],
    *,
    zone: VesselZone | None = None,
    convention: Convention = PAPER,
    lumen_labels: Sequence[int] | None = None,
    known_anatomy: bool = False,
    progress: bool = True,
    failed: Callable[[dict, Exception], None] | None = None,
) -> Iterator[PatientScores]:
    """Score every patient by every model; memory holds one patient at a time.

    Args:
        records: records of `scripts.data.patients`.
        models: models by name; None stands for the NCCT unchanged.
        zone: how vessels are looked for.
        convention: of the image metrics.
        lumen_labels: values of the "lumen" volumes that are arteries; None for all above 0.
        known_anatomy: a row of scores more, after those of the models: what `known_anatomy_hu` has, where lumen or
            structures are known.
        progress: show a progress bar.
        failed: called with the record and the error of a patient who cannot be scored, by one of the models or at all,
            and who is then left out; None: the error ends the scoring.

    Raises:
        ValueError: see `load_truth`.
    """
    columns = ["cohort"] * has_several_cohorts(records) + ["patient", "region", "label"]
    with tqdm(total=len(records) * len(models), desc="volumes", unit="volume", disable=not progress) as bar:
        for number, record in enumerate(records, start=1):
            who = {column: record[column] for column in columns}
            result = PatientScores([], [], {})
            try:
                truth = load_truth(record, zone or VesselZone(), lumen_labels)
                for name, model in models.items():
                    _score_model(result, truth, who | {"model": name}, model, record["ncct"], convention)
                    bar.update()
                if known_anatomy and (truth.structures_known or truth.lumen.any()):
                    scores = score(known_anatomy_hu(truth), truth, convention)
                    result.scores.append(who | {"model": KNOWN_ANATOMY} | scores)
            except Exception as error:  # files and models fail in many ways; one patient must not stop the others
                if failed is None:
                    raise
                failed(record, error)
                bar.update(number * len(models) - bar.n)
            else:
                yield result


def reason(error: Exception) -> str:
    """Say in one line why a patient cannot be scored."""
    first: BaseException = error
    while first.__cause__ is not None:  # MONAI's own says "applying transform <...>" and no more
        first = first.__cause__
    error_type = "" if isinstance(first, ValueError | OSError) and str(first) else type(first).__name__
    parts = [*getattr(error, "__notes__", []), error_type, str(first)]
    return textwrap.shorten(": ".join(filter(None, parts)), _REASON_LETTERS, placeholder=" ...")


def _score_model(
    result: PatientScores, truth: Truth, who: dict, model: Model | None, ncct: str, convention: Convention
) -> None:
    try:
        volume_hu = truth.ncct_hu if model is None else truth.crop(np.asarray(model(ncct)[1])[0])
    except Exception as error:
        error.add_note(who["model"])
        raise
    result.scores.append(who | score(volume_hu, truth, convention))
    result.vessels.extend(who | row for row in vessel_means(volume_hu, truth))
    index = representative_slice(truth)
    volumes = {NCCT: truth.ncct_hu, SYNTHETIC: volume_hu, REAL: truth.cta_hu}
    result.slices[who["model"]] = {
        **{title: volume[..., index].round().astype(np.int16) for title, volume in volumes.items()},
        LUMEN: truth.lumen[..., index].copy(),
    }
