"""Django's name for this application."""

from django.apps import AppConfig


class StudyConfig(AppConfig):
    """The reading study."""

    name = "app.reading.study"
    label = "reading"
    default_auto_field = "django.db.models.BigAutoField"
