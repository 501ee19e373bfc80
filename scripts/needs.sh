#!/usr/bin/env bash
# Installs what the tests use beside Go and Node, from Debian, where that can be done; says clearly what is missing where it cannot.
# Only Chromium is needed: tests that want another peer skip with a reason when it is absent.
set -u
have() { command -v "$1" >/dev/null 2>&1; }

for tool in go node npm git; do
  have "$tool" || { echo "make test: $tool is not installed (Go 1.26 or newer, Node 20 or newer)" >&2; exit 1; }
done

want=()
have chromium || have chromium-browser || have google-chrome || want+=(chromium)
if [ "${CI:-}" = true ]; then
  have swaks || want+=(swaks)
  have msmtp || want+=(msmtp)
  have strace || want+=(strace)
  have w3m || want+=(w3m)
  have weasyprint || want+=(weasyprint poppler-utils)
  have wkhtmltoimage || want+=(wkhtmltopdf)
  have postfix || want+=(postfix)
  have opendkim-testmsg || want+=(opendkim opendkim-tools)
  python3 -c 'import dkim' 2>/dev/null || [ -e /usr/lib/python3/dist-packages/dkim ] || want+=(python3-dkim)
fi
[ ${#want[@]} -gt 0 ] || exit 0

if have apt-get && [ "$(id -u)" = 0 ]; then
  echo "make test: installing ${want[*]}"
  export DEBIAN_FRONTEND=noninteractive
  install() { apt-get install -y -qq --no-install-recommends "$@" >>/tmp/aside-needs.log 2>&1; }
  apt-get update -qq >/tmp/aside-needs.log 2>&1
  install "${want[@]}" || for one in "${want[@]}"; do # one that is not to be had keeps no other away
    install "$one" || echo "make test: $one could not be installed" >&2
  done
fi
if ! have chromium && ! have chromium-browser && ! have google-chrome; then
  echo "make test: the browser tests need Chromium. Install it (Debian: apt-get install chromium) and run again." >&2
  exit 1
fi
