"""Whether the uncertainty map tells where the synthesis is wrong: measured on patients with aligned truth."""
