"""The queue on disk: jobs, their records, retention, and the commands to list, retry and cancel them."""
