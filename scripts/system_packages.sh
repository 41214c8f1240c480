#!/usr/bin/env bash
# Installs what the tests take from Debian: Chromium with fonts, PostgreSQL 15 beside the embedded one, SIPp, the speech engine espeak-ng; and unpacks Asterisk 22.
# Quiet and quick when all is there; not on Debian or not root, it only says what is missing.
set -euo pipefail

missing=()
command -v chromium >/dev/null || missing+=(chromium)
[ -d /usr/share/fonts/truetype/dejavu ] || missing+=(fonts-dejavu-core)
[ -x /usr/lib/postgresql/15/bin/postgres ] || missing+=(postgresql-15)
command -v sipp >/dev/null || missing+=(sip-tester)
command -v espeak-ng >/dev/null || missing+=(espeak-ng)

# Asterisk is unpacked into the user's cache, not installed: bookworm has none.
unpack_asterisk() {
    bash "$(dirname "$0")/asterisk_tree.sh" >/dev/null || [ "${RINGBACK_NO_SKIP:-}" != 1 ]
}

if [ ${#missing[@]} -eq 0 ]; then
    unpack_asterisk
    exit
fi

if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "system packages: missing ${missing[*]}; the tests that need them will be skipped by name" >&2
    exit 0
fi

echo "system packages: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# Debian would make and start a cluster of its own on installation; the tests start theirs on a free port.
mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get update && apt-get install --yes --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "system packages: could not install ${missing[*]}" >&2
    [ "${RINGBACK_NO_SKIP:-}" = 1 ] && exit 1
    exit 0
fi
unpack_asterisk
