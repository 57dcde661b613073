"""Run the viewer: `python -m app.viewer RESULT`."""

import sys

from app.viewer.cli import main

if __name__ == "__main__":
    sys.exit(main())
