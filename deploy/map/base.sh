#!/usr/bin/env bash
# Makes a base image of Debian 12 with debootstrap, for sites that reach Debian's packages but no image registry.
#   deploy/map/base.sh NAME      needs root, debootstrap, and podman or buildah
set -eu
name=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase --include=python3,libgomp1,tzdata,ca-certificates bookworm "$root" http://deb.debian.org/debian >&2
# debootstrap copies settings of this machine; these, logs and package lists do not belong into the image.
rm -rf "$root"/etc/hostname "$root"/etc/resolv.conf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* \
  "$root"/var/log/* "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/*
if command -v podman >/dev/null; then
  tar -C "$root" -c . | podman import --quiet - "$name" >&2
else
  tar -C "$root" -c . >"$root.tar"
  trap 'rm -rf "$root" "$root.tar"' EXIT
  container=$(buildah from scratch)
  buildah add --quiet "$container" "$root.tar" / >&2
  buildah commit --quiet --rm "$container" "$name" >&2
fi
