"""What a reader is asked about each scan."""

from dataclasses import dataclass

CRITERIA = {
    "wall_clarity": "Vessel wall clarity",
    "lumen_edge_clarity": "Lumen edge clarity",
    "lumen_wall_contrast": "Lumen-wall contrast",
}
"""The paper's three criteria of visual quality (Lyu et al., Radiology 2023)."""

SCORES = {1: "poor", 2: "acceptable", 3: "good"}
DIAGNOSES = ("healthy", "aneurysm", "dissection", "atherosclerosis")
CONFIDENCES = {1: "guess", 2: "unsure", 3: "fairly sure", 4: "sure", 5: "certain"}
ORIGINS = ("real", "synthetic")


@dataclass(frozen=True)
class Item:
    """One question.

    Attributes:
        name: column of the answer.
        question: its words.
        choices: (value, label); the first is chosen by the key 1, and so on.
    """

    name: str
    question: str
    choices: tuple[tuple[str, str], ...]


def items(*, ask_origin: bool) -> list[Item]:
    """The questions of a study, in the order in which they are asked.

    Args:
        ask_origin: ask last whether the scan is real or synthetic, for the blinding index.
    """
    scores = tuple((str(score), word) for score, word in SCORES.items())
    asked = [Item(name, question, scores) for name, question in CRITERIA.items()]
    asked.append(Item("diagnosis", "Diagnosis", tuple((name, name) for name in DIAGNOSES)))
    confidences = tuple((str(value), word) for value, word in CONFIDENCES.items())
    asked.append(Item("confidence", "Confidence in the diagnosis", confidences))
    if ask_origin:
        asked.append(Item("origin", "Was this scan acquired or computed?", tuple((name, name) for name in ORIGINS)))
    return asked


def check_answer(given: dict[str, str], *, ask_origin: bool) -> dict[str, str]:
    """Check a whole answer.

    Args:
        given: value of each item, as text.
        ask_origin: as in `items`.

    Returns:
        The items' values alone.

    Raises:
        ValueError: an item is missing or has a value that is none of its choices.
    """
    values = {}
    for item in items(ask_origin=ask_origin):
        value = given.get(item.name, "")
        if value not in {choice for choice, _ in item.choices}:
            raise ValueError(f"{item.question}: choose one of {', '.join(label for _, label in item.choices)}.")
        values[item.name] = value
    return values
