"""The queue on disk: jobs, their records, how long they stay, and what an engineer does with them."""
