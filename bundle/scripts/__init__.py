"""Python of the Syn-CTA bundle: what the configs wire together. Knows nothing of the app."""
