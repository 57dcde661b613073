"""Shows how the gateway is: health and metrics by HTTP."""
