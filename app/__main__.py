"""Run the app: `python -m app -i DIR -o DIR`, or the folder itself, `python app -i DIR -o DIR`."""

import os
import sys
from pathlib import Path

if not __package__:
    # Run as a folder, Python looks for modules inside it, where `app` would be the file app.py.
    folder = Path(__file__).resolve().parent
    sys.path[:] = [str(folder.parent), *(entry for entry in sys.path if Path(entry).resolve() != folder)]

from app.cli import main
from app.termination import end_cleanly_on_signals

if __name__ == "__main__":
    end_cleanly_on_signals()
    exit_code = main()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(exit_code)  # the result is written; the libraries would need seconds to shut down
