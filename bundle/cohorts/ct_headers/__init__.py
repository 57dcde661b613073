"""What CT headers say in words, in the languages of the world, and how files without a DICM prefix are read.

The app has this folder as `operators/ct_headers` (a link), the bundle as its own: one vocabulary and one reader for the
gate of the app and for the preparation of training data, and each of them still stands alone. Words lie in
`contrast_words.json` and `region_words.json`; whoever misses one adds it there.
"""
