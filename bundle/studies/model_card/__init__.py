"""Makes the tables and figures of the model card."""
