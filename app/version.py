"""Version of the application, stated once more in app.yaml for the packager; a test holds them together."""

VERSION = "0.2.0"
