#!/usr/bin/env bash
# Unpacks Asterisk 22 with the libraries it needs into a cache folder, from the machine's own Debian mirror, and prints the folder.
# Bookworm carries no Asterisk: the packages come from a newer suite and are unpacked beside the system, never installed into it.
# Needs apt-get and dpkg, no root. Quick when the tree is there already.
set -euo pipefail

suite=${RINGBACK_ASTERISK_SUITE:-forky}
tree=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/ringback/asterisk-$suite}
if [ -x "$tree/usr/sbin/asterisk" ]; then
    echo "$tree"
    exit 0
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    echo "asterisk: apt-get and dpkg-deb are needed to unpack it" >&2
    exit 1
fi

mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 2>/dev/null | awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }')
if [ -z "$mirror" ]; then
    mirror=$(awk '/^URIs:/ { print $2; exit }' /etc/apt/sources.list.d/*.sources 2>/dev/null || true)
fi
if [ -z "$mirror" ]; then
    echo "asterisk: this machine names no Debian mirror (apt-get indextargets)" >&2
    exit 1
fi

mkdir -p "$(dirname "$tree")"
work=$(mktemp -d "$tree.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/apt/{state/lists/partial,cache/archives/partial,etc} "$work/tree"
: >"$work/apt/status"
chmod 755 "$work" "$work/apt" "$work/apt/state" "$work/apt/cache" # apt fetches as a user of its own
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/apt/etc/sources.list"
apt() {
    apt-get -qq -o Dir::State="$work/apt/state" -o Dir::State::status="$work/apt/status" -o Dir::Cache="$work/apt/cache" \
        -o Dir::Etc::sourcelist="$work/apt/etc/sources.list" -o Dir::Etc::sourceparts=- -o Dir::Etc::preferencesparts=- \
        -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none -o APT::Sandbox::User="$(id -un)" "$@"
}
{
    apt update
    apt install --yes --no-install-recommends --download-only asterisk
    for package in "$work"/apt/cache/archives/*.deb; do
        dpkg-deb --extract "$package" "$work/tree"
    done
} >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    exit 1
}
# Two builds at once end with the same tree: the first one in stays.
mv -T "$work/tree" "$tree" 2>/dev/null || [ -x "$tree/usr/sbin/asterisk" ]
echo "$tree"
