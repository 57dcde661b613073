#!/usr/bin/env bash
# Installs what the tests of `make test-pacs` connect to: Orthanc with its DICOMweb and GDCM plugins, and dcmtk.
# Debian or Ubuntu, as root. The tests start Orthanc themselves, on loopback; no service keeps running.
set -eu
packages="orthanc orthanc-dicomweb orthanc-gdcm dcmtk"
if dpkg-query --show $packages > /dev/null 2>&1; then
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet=2
# without this the package would start Orthanc as a service with an open port
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get install -o DPkg::Lock::Timeout=600 --quiet=2 --yes --no-install-recommends $packages
