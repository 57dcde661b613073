"""CT volumes between files and arrays: reading of foreign scans, the working grid, writing of training volumes."""
