"""The tables of a study."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class InsertOnly(models.Model):
    """A row that is written once; the database itself refuses to change or delete it (migration 0002)."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert.

        Raises:
            TypeError: for a row that is stored already.
        """
        if not self._state.adding:
            raise TypeError(f"A stored {type(self).__name__} cannot be changed.")
        super().save(*args, **kwargs)


class Study(models.Model):
    """The study; one row."""

    protocol = models.TextField()  # canonical JSON
    protocol_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True)


class Patient(models.Model):
    """A patient under pseudonym."""

    code = models.CharField(max_length=16, unique=True)
    region = models.CharField(max_length=16)
    disease = models.CharField(max_length=32)
    truth = models.CharField(max_length=32, null=True)
    is_training = models.BooleanField()


class Scan(models.Model):
    """One scan of a patient; `volume` is the random name of its file in the study's folder."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="scans")
    arm = models.CharField(max_length=8)
    volume = models.CharField(max_length=40, unique=True)
    spacing_mm = models.JSONField()  # column, row, slice

    class Meta:
        constraints = (models.UniqueConstraint(fields=("patient", "arm"), name="one_scan_per_arm"),)


class Role(models.TextChoices):
    """Who may log in."""

    READER = "reader"
    CONSENSUS = "consensus"  # the readers together, at one screen
    LEAD = "lead"


class Reader(AbstractBaseUser):
    """A person who logs in, by a link and a password."""

    code = models.CharField(max_length=8, unique=True)
    role = models.CharField(max_length=16, choices=Role.choices)
    number = models.PositiveSmallIntegerField(null=True)  # readers alone, from 1
    link = models.CharField(max_length=40, unique=True)
    failed_logins = models.PositiveSmallIntegerField(default=0)
    invited_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "code"
    objects = BaseUserManager()


class Assignment(models.Model):
    """One scan that one reader will see, at its position in the order; the browser gets only its `token`."""

    reader = models.ForeignKey(Reader, models.PROTECT, related_name="assignments")
    scan = models.ForeignKey(Scan, models.PROTECT, related_name="assignments")
    period = models.PositiveSmallIntegerField()
    position = models.PositiveIntegerField()  # from 1, over the whole study
    is_repeat = models.BooleanField()
    token = models.CharField(max_length=40, unique=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("reader", "position"), name="one_case_at_a_time"),)


class Viewing(models.Model):
    """Display and reading time of a case, and the choices that are not submitted yet."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="viewing")
    opened_at = models.DateTimeField()
    active_seconds = models.PositiveIntegerField(default=0)
    screen = models.CharField(max_length=64, default="")
    renderer = models.CharField(max_length=16, default="")
    draft = models.JSONField(default=dict)


class Answer(InsertOnly):
    """What a reader submitted about a case."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="answer")
    wall_clarity = models.PositiveSmallIntegerField()
    lumen_edge_clarity = models.PositiveSmallIntegerField()
    lumen_wall_contrast = models.PositiveSmallIntegerField()
    diagnosis = models.CharField(max_length=32)
    confidence = models.PositiveSmallIntegerField()
    origin = models.CharField(max_length=16, default="")
    active_seconds = models.PositiveIntegerField()
    submitted_at = models.DateTimeField()


class ConsensusCase(models.Model):
    """The token under which a scan is shown in consensus."""

    scan = models.OneToOneField(Scan, models.PROTECT, related_name="consensus_case")
    token = models.CharField(max_length=40, unique=True)


class Consensus(InsertOnly):
    """What readers agreed on, for an item on which their answers differed."""

    scan = models.ForeignKey(Scan, models.PROTECT, related_name="consensus")
    item = models.CharField(max_length=32)
    value = models.CharField(max_length=32)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("scan", "item"), name="one_consensus_per_item"),)


class Event(InsertOnly):
    """One link of the audit chain; see `app.reading.hash_chain`."""

    sequence = models.PositiveBigIntegerField(unique=True)
    at = models.CharField(max_length=40)  # ISO 8601, as it was hashed
    actor = models.CharField(max_length=16)
    action = models.CharField(max_length=32)
    payload = models.TextField()  # canonical JSON
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
