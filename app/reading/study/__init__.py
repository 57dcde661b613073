"""The study as a Django application: its database, its rules, its pages.

Importing it makes Django ready, which cannot define models before; `configuration.open_study` then names the folder.
"""

from app.reading.study.configuration import prepare_django

prepare_django()
