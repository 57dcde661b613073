"""Words of CT headers on contrast and region, in many languages, and the reader of files without a DICM prefix.

The app's loader and the bundle's `cohorts.prepare` judge series by the same words. The package imports neither. It lies
beside them in the checkout, the wheel and the image, and inside the zip of the bundle.
The words are in `contrast_words.json` and `region_words.json`; add a missing word there.
"""
