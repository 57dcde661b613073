"""Python of the Syn-CTA bundle: what the configs wire together. Imports nothing of the app."""
