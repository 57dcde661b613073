"""Whether the uncertainty map shows where the synthesis is wrong: measured on patients with aligned truth."""
