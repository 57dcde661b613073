"""Methods on equal budgets: the central claim of CTA-GAN at several misalignments, and the table of baselines."""
