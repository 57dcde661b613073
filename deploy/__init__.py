"""Everything that puts the app into a hospital's pipeline: the MAP, and settings for the systems that run it."""
