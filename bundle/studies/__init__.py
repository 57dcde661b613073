"""What is measured and published about models: comparison, model card, uncertainty; import of released weights."""
