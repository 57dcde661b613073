#!/usr/bin/env bash
# Installs what the tests of `make test-browser` drive: Debian's Chromium. As root; Playwright comes with the test extra.
set -eu
if command -v chromium > /dev/null 2>&1; then
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet=2
apt-get install --quiet=2 --yes --no-install-recommends chromium fonts-dejavu-core
