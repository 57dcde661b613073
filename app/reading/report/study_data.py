"""An export, checked and typed."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from app.reading.protocol.items import CRITERIA, DIAGNOSES
from app.reading.protocol.protocol import Protocol, protocol_from
from app.reading.protocol.schedule import ARMS, CTA
from operators.errors import Reason, Refusal


@dataclass(frozen=True)
class StudyData:
    """The data of a study for the statistics.

    Attributes:
        protocol: the frozen one.
        events: number of events in the audit log.
        patients: index patient; region, disease, truth ("" where unknown), of the analysed patients.
        readings: answered readings outside training; one row each.
        assigned: all cases outside training, answered or not.
        consensus: index (patient, arm); criteria as numbers, diagnosis; disputed items in `disputed`.
        disputed: index (patient, arm, item), whether readers had differed.
    """

    protocol: Protocol
    events: int
    patients: pd.DataFrame
    readings: pd.DataFrame
    assigned: pd.DataFrame
    consensus: pd.DataFrame
    disputed: pd.Series

    @property
    def readers(self) -> list[str]:
        """Codes, in order."""
        return sorted(self.assigned["reader"].unique(), key=lambda code: int(code[1:]))

    @property
    def first_readings(self) -> pd.DataFrame:
        """Readings without repeats."""
        return self.readings[~self.readings["is_repeat"]]

    def scores(self, who: str, column: str) -> pd.DataFrame:
        """Index patient, a column an arm; complete pairs alone. `who`: a reader, or "consensus"."""
        if who == "consensus":
            wide = self.consensus[column].unstack("arm")
        else:
            own = self.first_readings[self.first_readings["reader"] == who]
            wide = own.pivot(index="patient", columns="arm", values=column)
        return wide.reindex(columns=list(ARMS)).dropna().sort_index()

    @property
    def truth(self) -> pd.Series:
        """Diagnosis of each patient that counts as true, as the protocol says."""
        if self.protocol.truth == "panel":
            return self.patients["truth"]
        return self.consensus["diagnosis"].xs(CTA, level="arm")


def read_export(folder: Path) -> StudyData:
    """Read an export.

    Raises:
        Refusal: NO_INPUT or CORRUPT, when files are missing or are not what the manifest says.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for name, digest in manifest["files_sha256"].items():
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
                raise Refusal(Reason.CORRUPT, f"{name} was changed after the export. Export again.")
        tables = {
            name: pd.read_csv(
                folder / f"{name}.csv", keep_default_na=False, na_values={column: [""] for column in CRITERIA}
            )
            for name in ("readings", "consensus", "patients", "events")
        }
        content = yaml.safe_load((folder / "protocol.yaml").read_text(encoding="utf-8"))
    except (OSError, KeyError, ValueError) as error:
        raise Refusal(Reason.NO_INPUT, "The folder is not an export of a reading study.") from error
    protocol = protocol_from(content)
    if protocol.sha256 != manifest["protocol_sha256"]:
        raise Refusal(Reason.CORRUPT, "The protocol of the export is not the protocol of the study. Export again.")
    return _typed(protocol, tables)


def _typed(protocol: Protocol, tables: dict[str, pd.DataFrame]) -> StudyData:
    patients = tables["patients"]
    patients = patients[~patients["training"].astype(bool)].set_index("patient").sort_index()
    assigned = tables["readings"]
    assigned = assigned[assigned["period"] > 0].copy()
    assigned["is_repeat"] = assigned["is_repeat"].astype(bool)
    readings = assigned[assigned["diagnosis"] != ""].copy()
    for column in (*CRITERIA, "confidence", "active_seconds"):
        readings[column] = readings[column].astype(int)
    long = tables["consensus"]
    disputed = long.set_index(["patient", "arm", "item"])["disputed"].astype(bool)
    wide = long.pivot(index=["patient", "arm"], columns="item", values="value")
    for column in CRITERIA:
        wide[column] = wide[column].astype(int)
    return StudyData(protocol, len(tables["events"]), patients, readings, assigned, wide, disputed)


def diagnosis_numbers(names: pd.Series) -> np.ndarray:
    """Index of each name in `DIAGNOSES`."""
    return names.map({name: i for i, name in enumerate(DIAGNOSES)}).to_numpy(dtype=int)
