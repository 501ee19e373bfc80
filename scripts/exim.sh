#!/usr/bin/env bash
# Unpacks Debian's Exim beside an installed Postfix (apt lets only one of them be installed) and prints where its program is,
# for ASIDE_EXIM. Needs root, for the user that the program was built to run as.
#   ASIDE_EXIM=$(scripts/exim.sh DIR) make interop
set -euo pipefail
dir=${1:?a folder}
mkdir -p "$dir" && cd "$dir"
if [ ! -x x/usr/sbin/exim4 ]; then
  apt-get download exim4-daemon-light >&2
  dpkg -x exim4-daemon-light_*.deb x
fi
id Debian-exim >/dev/null 2>&1 || useradd -r -M -s /usr/sbin/nologin Debian-exim >&2
echo "$PWD/x/usr/sbin/exim4"
