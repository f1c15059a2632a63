#!/bin/bash
# Installs from Debian what this repository needs: `build` for the program alone, `man` for its manual, `all` for tests, demo and
# bench too, `dist` for the artefacts, `dist-test` for installing them in other systems.
# Asks dpkg first, so that it costs nothing when all is there.
set -euo pipefail

building=(binutils make pkg-config libzstd-dev libxxhash-dev nettle-dev zlib1g-dev)
manual=(lowdown mandoc python3)
proving=(gcc g++ clang cmake ninja-build googletest ccache gobjc gobjc++ jq strace python3 python3-venv hyperfine liblmdb-dev
    poppler-utils qpdf emscripten clang-tidy iwyu lld squashfs-tools e2fsprogs procps meson autoconf automake patch)
# What pictures are looked at in, and what makes file systems that share blocks: where they cannot be had, their tests are skipped.
looking=(chromium tmux xfsprogs btrfs-progs)
# redis-server is in it under another name, and no service that would be started.
serving=(redis-tools)
packaging=(zstd "${manual[@]}")
proving+=("${packaging[@]}" "${serving[@]}" python3-yaml)

# A Rust of the user's own is as good.
command -v cargo >/dev/null || [ -x "$HOME/.cargo/bin/cargo" ] || proving+=(cargo rustc)

case "${1:-all}" in
build) wanted=("${building[@]}") ;;
man) wanted=("${manual[@]}") ;;
all) wanted=("${building[@]}" "${proving[@]}") ;;
dist) wanted=("${building[@]}" "${packaging[@]}") ;;
dist-test) wanted=("${building[@]}" "${packaging[@]}" python3-venv lintian debootstrap busybox-static patchelf) ;;
*)
    echo "usage: setup.sh build|man|all|dist|dist-test" >&2
    exit 2
    ;;
esac

if [ "${1:-all}" != man ] && ! command -v "${SWIFT:-swift}" >/dev/null; then
    echo "setup: Swift 6.3 or newer is not on PATH; see https://www.swift.org/install/linux/" >&2
    exit 1
fi

if ! command -v dpkg-query >/dev/null; then
    echo "setup: not a Debian system; please install what these Debian packages hold:" >&2
    echo "  ${wanted[*]}" >&2
    # Nothing can be checked here, so go on: the build says what is missing.
    exit 0
fi

# Prometheus is only unpacked: installed, it would be a service of this machine.
unpack_prometheus() {
    [ ! -x .build/tools/usr/bin/prometheus ] && ! command -v prometheus >/dev/null || return 0
    echo "setup: unpacking prometheus into .build/tools"
    mkdir -p .build/tools && (cd .build/tools && rm -f ./*.deb && apt-get download -q prometheus >/dev/null 2>&1 &&
        dpkg -x prometheus_*.deb . && rm -f ./*.deb) || echo "setup: prometheus cannot be had; its test is skipped" >&2
}

installed=$(dpkg-query -W -f '${Package} ${db:Status-Status} ${Provides}\n' 2>/dev/null |
    awk '$2 == "installed" { print $1; for (i = 3; i <= NF; i++) { sub(/,$/, "", $i); print $i } }')
missing=()
for package in "${wanted[@]}"; do
    grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
extra=()
if [ "${1:-all}" = all ]; then
    for package in "${looking[@]}"; do
        grep -qxF "$package" <<<"$installed" || extra+=("$package")
    done
fi
if ((${#missing[@]} + ${#extra[@]} == 0)); then
    [ "${1:-all}" != all ] || unpack_prometheus
    exit 0
fi

as_root=()
if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
        ((${#missing[@]} > 0)) || exit 0
        echo "setup: missing packages, and neither root nor sudo to install them. As root, run:" >&2
        echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

# Installs packages, quietly.
install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null; }

if ((${#missing[@]} > 0)); then
    echo "setup: installing ${missing[*]}"
    # The package lists of a fresh machine or container may be absent or too old: then fetch them and try again.
    if ! install "${missing[@]}" 2>/dev/null; then
        "${as_root[@]}" apt-get update -q >/dev/null
        install "${missing[@]}"
    fi
fi
for package in "${extra[@]}"; do
    echo "setup: installing $package"
    install "$package" 2>/dev/null || echo "setup: $package cannot be had; its test is skipped" >&2
done
[ "${1:-all}" != all ] || unpack_prometheus
