#!/usr/bin/env bash
# make test-map: builds the MAP and runs it as hospitals do. Needs root, podman and debootstrap; the latter two are
# installed from Debian if they are missing. On a machine that can pull images, set BASE_IMAGE.
#   BASE_IMAGE=...   base image (default: one made by debootstrap)
#   BUNDLE=DIR       bundle to ship (default: bundle)
set -eu
cd "$(dirname "$0")/../.."
python=${PYTHON:-.venv/bin/python}
tag=localhost/syn-cta:test

missing=()
for command in podman runc debootstrap; do command -v "$command" >/dev/null || missing+=("$command"); done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "make test-map needs ${missing[*]}. Install them, or run it as root on Debian, where it installs them." >&2
    exit 1
  fi
  apt-get -o DPkg::Lock::Timeout=600 update --quiet --quiet
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install --yes --quiet --quiet --no-install-recommends "${missing[@]}"
fi

base=${BASE_IMAGE:-localhost/syn-cta-base:debian12}
if [ -z "${BASE_IMAGE:-}" ] && ! podman image exists "$base"; then
  bash deploy/map/base.sh "$base"
fi
# chroot isolation and these limits also work inside a container or a sandbox
"$python" -m deploy.map.build --builder podman --base-image "$base" --tag "$tag" --bundle "${BUNDLE:-bundle}" \
  --options '--isolation chroot --network host --ulimit nofile=1024:20000'
SYN_CTA_MAP="$tag" "$python" -m pytest tests/deploy/map -q
