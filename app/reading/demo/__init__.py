"""A whole study on phantom patients, with readers who are simulated: to see how it works, and to try the report."""
