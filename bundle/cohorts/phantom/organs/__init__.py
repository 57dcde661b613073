"""The organs, vessels and diseases of a phantom, painted on the canvas."""
