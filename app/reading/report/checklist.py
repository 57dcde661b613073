"""Items of CLAIM 2024 and of STARD that this report answers, and who answers the others."""

from app.reading.report.table import Section, Table

# CLAIM: Tejani et al., Radiology: Artificial Intelligence 2024;6:e240300. STARD: Bossuyt et al., BMJ 2015;351:h5527,
# which STARD-AI (Sounderajah et al., Nature Medicine 2025) extends.
_ITEMS = (
    ("Study design and goal", "5, 6", "5", "Methods"),
    ("Data sources, eligibility, recruitment", "7, 8", "6 to 9", "authors"),
    ("Preprocessing, de-identification", "9, 11", "", "Methods"),
    ("Missing data", "12", "16", "Flow and missing data"),
    ("Image acquisition", "13", "10a", "authors"),
    ("Reference standard: definition, rationale, source", "14 to 17", "10b, 11", "Methods, Diagnosis"),
    ("Variability of readers", "18", "17", "Agreement"),
    ("Separation from training data of the model", "19, 20", "", "authors"),
    ("Sample size", "21", "18", "authors (python -m app.reading plan)"),
    ("Model, training, weights", "22 to 27", "10a", "authors, model card"),
    ("Metrics, uncertainty, multiplicity", "28, 29", "14", "Methods"),
    ("Blinding of readers", "", "13a, 13b", "Methods, Period, order, region"),
    ("Testing on external data", "33", "", "authors"),
    ("Registration, protocol", "34, 42", "28, 29", "Methods (protocol digest); authors"),
    ("Flow of patients", "35", "19", "Flow and missing data"),
    ("Demographics, severity", "36", "20, 21", "authors; diseases in Flow and missing data"),
    ("Interval between scans", "", "22", "authors"),
    ("Accuracy with precision, cross tables", "37, 38", "23, 24", "Primary endpoint, Visual quality, Diagnosis"),
    ("Failure analysis", "39", "25", "confusion matrices; authors"),
    ("Limitations, implications, funding", "40, 41, 44", "26, 27, 30", "authors"),
    ("Software and data", "43", "", "Methods; authors"),
    ("STARD-AI: training, tuning and test data, their split and leakage", "19, 20", "", "authors, model card"),
    ("STARD-AI: how the AI was run, its version, who used it and how", "22 to 27", "10a", "Methods; authors"),
    ("STARD-AI: algorithmic bias and fairness", "", "", "Period, order, region (region alone); authors"),
    ("STARD-AI: commercial interests, audit, availability of model and data", "43, 44", "30", "audit log; authors"),
)


def checklist_section() -> Section:
    """The table."""
    rows = [list(item) for item in _ITEMS]
    table = Table("checklist", "Reporting items", ["Topic", "CLAIM 2024", "STARD 2015, STARD-AI", "Where"], rows)
    text = (
        "Items marked authors are not part of a reading study. STARD-AI (2025) has the items of STARD 2015 under "
        "their numbers and adds topics, which are at the end of the table."
    )
    return Section("Reporting guidelines", [text], [table])
