"""Words of CT headers on contrast and region, in many languages, and the reader of files without a DICM prefix.

App and bundle are installed separately, so each has this package, as `operators/ct_headers` and `cohorts/ct_headers`.
A test checks that both are equal byte for byte. Change that of the app and copy it:
`cp operators/ct_headers/*.* bundle/cohorts/ct_headers/`.
The words are in `contrast_words.json` and `region_words.json`; add a missing word there.
"""
