#!/bin/sh
# Puts Emscripten (Debian trixie's package, with its clang, lld, binaryen and system libraries) into a root of its own.
#
#   install.sh [FOLDER]     default: $WASM_MATRIX_CACHE/emscripten, else $XDG_CACHE_HOME/wasm-matrix/emscripten
#
# For Debian and its kin, as root. Outside FOLDER only debootstrap is installed, when it is not there. Run again: it
# finishes what is unfinished and otherwise does nothing. To be rid of it: rm -rf FOLDER FOLDER.lock (nothing is mounted
# there: the wrappers mount in a namespace of their own that ends with them).
# Why a root: bookworm's Emscripten (3.1.6) is too old, and trixie's binaryen wants trixie's libc.
set -eu

SUITE=trixie
PACKAGES="emscripten libstb-dev" # libstb-dev: stb_image_write.h (public domain), the JPEG encoder of resize_jpeg
RECIPE="$SUITE $PACKAGES"        # what the stamp holds: another recipe, another installation

here=$(cd "$(dirname "$0")" && pwd)
root=${1:-$("$here/emcc" --print-root)}
say() { echo "emscripten: $*"; }

# Runs a command; what it says is shown only when it fails.
quietly() {
    "$@" >"$root.log" 2>&1 || {
        code=$?
        tail -n 20 "$root.log" >&2
        say "failed: $*" >&2
        exit "$code"
    }
    rm -f "$root.log"
}

# Runs a command inside the root.
inside() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive \
        http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" "$@"
}

if [ "$(cat "$root/.complete" 2>/dev/null)" = "$RECIPE" ]; then
    say "already in $root"
    exit 0
fi
if [ "$(id -u)" != 0 ]; then
    say "needs root, for debootstrap and chroot. Without it: put an emcc >= 3.1.69 on PATH (see README.md)" >&2
    exit 1
fi
if ! command -v apt-get >/dev/null; then
    say "this is not Debian: put an emcc >= 3.1.69 on PATH (see README.md)" >&2
    exit 1
fi

mkdir -p "$(dirname "$root")"
exec 9>"$root.lock" # two at once would spoil each other's work: the second waits, and finds it done
flock 9
if [ "$(cat "$root/.complete" 2>/dev/null)" = "$RECIPE" ]; then
    say "in $root by now"
    exit 0
fi

# The mirror that this machine's own apt uses.
mirror() {
    apt-get indextargets --format '$(ORIGIN)/$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
        sed -n 's,^Debian/Debian ,,p' | head -n 1
}
if [ -z "$(mirror)" ]; then
    say "fetching apt's lists"
    quietly apt-get update
fi
mirror=$(mirror)
if [ -z "$mirror" ]; then
    say "this machine's apt knows no Debian archive" >&2
    exit 1
fi
if ! command -v debootstrap >/dev/null; then
    say "installing debootstrap"
    quietly apt-get install -y --no-install-recommends debootstrap
fi

if [ "$(cat "$root/.base" 2>/dev/null)" != "$SUITE" ]; then
    say "debootstrap of $SUITE into $root"
    rm -rf "$root"
    mkdir -p "$root"
    quietly debootstrap --variant=minbase "$SUITE" "$root" "$mirror"
    echo "$SUITE" >"$root/.base"
fi

say "installing $PACKAGES into $root"
# This machine's name resolution and proxies.
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
apt-config dump Acquire | grep -E '^Acquire::(https?|ftp|Check-|Retries)' >"$root/etc/apt/apt.conf.d/90host" || true
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # no services in a root
chmod +x "$root/usr/sbin/policy-rc.d"
rm -f "$root/.complete"
quietly inside dpkg --configure -a # where an earlier try was cut off
quietly inside apt-get update
# shellcheck disable=SC2086 # a list of words
quietly inside apt-get install -y --no-install-recommends $PACKAGES
inside apt-get clean
emscripten=$root/usr/share/emscripten
rm -rf "$root"/var/lib/apt/lists/* "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale" \
    "$emscripten/test" "$emscripten/cache/sysroot/lib/wasm32-emscripten/lto" # no build here optimises at link time

echo "$RECIPE" >"$root/.complete"
say "$(WASM_MATRIX_EMSCRIPTEN=$root "$here/emcc" --print-version) in $root ($(du -sh "$root" | cut -f 1))"
