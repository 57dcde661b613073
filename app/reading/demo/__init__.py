"""A complete study on phantom patients with simulated readers, to try the study and its report."""
