"""The pages of the study for the browser. The rules of the study are outside this package."""
