"""Takes CT objects by C-STORE and decides when a series is complete."""
