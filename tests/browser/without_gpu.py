"""Chromium without a GPU, as on a server: WebGL2 by software."""

WITHOUT_GPU = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
WAIT_MS = 120_000
