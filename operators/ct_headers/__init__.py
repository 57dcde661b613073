"""What CT headers say in words, in the languages of the world, and how files without a DICM prefix are read.

App and bundle are handed over apart, so each carries this package, as `operators/ct_headers` and `cohorts/ct_headers`,
equal byte for byte, which a test holds. Change the app's and copy it:
`cp operators/ct_headers/*.* bundle/cohorts/ct_headers/`.
Words lie in `contrast_words.json` and `region_words.json`; whoever misses one adds it there.
"""
