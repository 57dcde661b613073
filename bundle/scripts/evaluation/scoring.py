"""Synthesises and scores the patients of a cohort with several models, one patient after the other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tqdm import tqdm

from scripts.evaluation.figures import LUMEN, NCCT, REAL, SYNTHETIC, representative_slice
from scripts.evaluation.known_anatomy import KNOWN_ANATOMY, known_anatomy_hu
from scripts.evaluation.scores import score, vessel_means
from scripts.evaluation.truth import Truth, VesselZone, load_truth
from scripts.metrics import PAPER, Convention

UNCHANGED = "NCCT unchanged"
"""The model that does nothing; it is in every table."""

Model = Callable[[str], tuple[torch.Tensor, torch.Tensor]]
"""From a volume's path to source and synthetic volume in HU, as `scripts.evaluation.synthesis.Synthesis`."""


@dataclass(frozen=True)
class PatientScores:
    """What was measured on one patient.

    Attributes:
        scores: a row a model: patient, region, label, model, and the values of all measures; where it was asked for, a
            row of `KNOWN_ANATOMY` too.
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

    Raises:
        ValueError: see `load_truth`.
    """
    with tqdm(total=len(records) * len(models), desc="volumes", unit="volume", disable=not progress) as bar:
        for record in records:
            truth = load_truth(record, zone or VesselZone(), lumen_labels)
            result = PatientScores([], [], {})
            for name, model in models.items():
                _score_model(result, record, truth, name, model, convention)
                bar.update()
            if known_anatomy and (truth.structures_known or truth.lumen.any()):
                who = _who(record, KNOWN_ANATOMY)
                result.scores.append(who | score(known_anatomy_hu(truth), truth, convention))
            yield result


def _score_model(
    result: PatientScores, record: dict, truth: Truth, name: str, model: Model | None, convention: Convention
) -> None:
    volume_hu = truth.ncct_hu if model is None else truth.crop(np.asarray(model(record["ncct"])[1])[0])
    who = _who(record, name)
    result.scores.append(who | score(volume_hu, truth, convention))
    result.vessels.extend(who | row for row in vessel_means(volume_hu, truth))
    index = representative_slice(truth)
    volumes = {NCCT: truth.ncct_hu, SYNTHETIC: volume_hu, REAL: truth.cta_hu}
    result.slices[name] = {
        **{title: volume[..., index].round().astype(np.int16) for title, volume in volumes.items()},
        LUMEN: truth.lumen[..., index].copy(),
    }


def _who(record: dict, name: str) -> dict[str, str]:
    return {key: record[key] for key in ("patient", "region", "label")} | {"model": name}
