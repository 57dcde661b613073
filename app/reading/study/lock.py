"""Lock: the end of all writing, after which the answers and the key may be seen."""

from datetime import datetime

from django.db import transaction

from app.reading.hash_chain import Link
from app.reading.study.consensus import cases, open_items, reading_is_complete
from app.reading.study.events import append_event, study_for_writing
from app.reading.study.models import Answer, Assignment


class StudyNotComplete(Exception):
    """The study cannot be locked yet; the text says what is missing."""


def lock(actor: str, at: datetime) -> Link:
    """Lock the study.

    Returns:
        The end of the audit chain: its hash, written down elsewhere, proves later that nothing was cut off.

    Raises:
        StudyNotComplete: cases or items of consensus are open.
        StudyLocked: it is locked already.
    """
    with transaction.atomic():
        study = study_for_writing()
        if not reading_is_complete():
            missing = Assignment.objects.filter(answer__isnull=True).count()
            raise StudyNotComplete(f"{missing} case(s) are not answered yet.")
        undecided = sum(len(open_items(case.scan)) for case in cases())
        if undecided:
            raise StudyNotComplete(f"{undecided} item(s) of consensus are not decided yet.")
        study.locked_at = at
        study.save()
        return append_event(actor, "locked", {"answers": Answer.objects.count()}, at)
