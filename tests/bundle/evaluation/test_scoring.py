import pytest

from scripts.evaluation.scoring import reason, score_cohort


def fails(path: str):
    raise RuntimeError("out of memory")


def hidden() -> RuntimeError:
    """An error as MONAI's transforms raise it."""
    error = RuntimeError("applying transform <LoadImaged object at 0x7f>")
    error.__cause__ = OSError("the file is damaged")
    return error


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ValueError("no body found"), "no body found"),
        (hidden(), "the file is damaged"),
        (KeyError("affine"), "KeyError: 'affine'"),
        (MemoryError(), "MemoryError"),
        (ValueError(), "ValueError"),
        (ValueError("two\n  lines"), "two lines"),
    ],
)
def test_a_reason_says_in_one_line_what_was_found(error, why):
    assert reason(error) == why


def test_a_long_reason_is_cut():
    assert len(reason(ValueError("word " * 1000))) <= 500


def test_a_reason_names_the_model_that_failed(records):
    found = []
    list(score_cohort(records[:1], {"mine": fails}, progress=False, failed=lambda _, error: found.append(error)))
    assert reason(found[0]) == "mine: RuntimeError: out of memory"


def test_without_a_place_for_failures_an_error_ends_the_scoring(records):
    with pytest.raises(RuntimeError, match="out of memory"):
        list(score_cohort(records, {"mine": fails}, progress=False))
