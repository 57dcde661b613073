"""What a study asks, of whom, and in which order: pure functions, without files of patients and without database."""
