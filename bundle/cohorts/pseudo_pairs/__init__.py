"""Pseudo-pairs: contrast-filled blood of a real CTA is set back to unenhanced blood: an NCCT with aligned truth.

For sites that have CTA only, and for real anatomy where there are no pairs. Real pairs are better.

Limits. Coronary and other vessels of 2-3 mm, portal and renal veins, gut wall and every organ that the recipe does not
name keep their contrast in the pseudo-NCCT. The enhancement of mixed blood (right heart) is the scan's own. Blood that
was filled carries new stationary noise; streaks end at its edge. A thick-slice series keeps its partial volume along z.
"""
