"""What each command of `python -m app.reading` does."""
