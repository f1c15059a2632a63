#!/bin/bash
# Installs what a build directory holds: install.sh BUILD ROOT, with ROOT as in /usr/local. Says what is not there, and goes on
# without it; only larder itself must be there.
set -euo pipefail
umask 022
build=$1
root=$2

# Puts FILE, if it is there, into the directory PLACE below ROOT.
put() {
    local mode=$1 place=$2 file=$3
    if [ ! -e "$file" ]; then
        echo "install: without $(basename "$file"), which has not been built" >&2
        return
    fi
    install -D -m "$mode" "$file" "$root/$place/$(basename "$file")"
}

if [ ! -x "$build/larder" ]; then
    echo "install: there is no program $build/larder; 'make build' makes it" >&2
    exit 1
fi
for program in larder larderd larder-pdf larder-jdk larder-remote; do put 755 bin "$build/$program"; done
put 644 lib/larder "$build/liblarder-trace.so"

# From the program itself, so that they know what it knows.
complete() {
    install -d -m 755 "$root/$2"
    "$build/larder" completions "$1" >"$root/$2/$3"
    chmod 644 "$root/$2/$3"
}
complete bash share/bash-completion/completions larder
complete zsh share/zsh/site-functions _larder
complete fish share/fish/vendor_completions.d larder.fish

shopt -s nullglob
pages=("$build"/man/man[1-8]/*.[1-8])
if ((${#pages[@]} == 0)); then echo "install: without manual pages, which have not been built" >&2; fi
for page in "${pages[@]}"; do put 644 "share/man/man${page##*.}" "$page"; done

source=$(dirname "$0")/..
for text in LICENSE README.md CHANGELOG.md packaging/copyright; do put 644 share/doc/larder "$source/$text"; done
