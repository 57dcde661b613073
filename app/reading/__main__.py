"""Run the reading study: `python -m app.reading COMMAND`."""

import sys

from app.reading.cli import main

if __name__ == "__main__":
    sys.exit(main())
