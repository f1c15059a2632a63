#!/bin/bash
# Installs from Debian what this repository needs: `build` for the program alone, `man` for its manual, `all` for tests, demo and
# bench too, `dist` for the artefacts, `dist-test` for installing them in other systems.
# Asks dpkg first, so that it costs nothing when all is there.
set -euo pipefail

building=(binutils make pkg-config libzstd-dev libxxhash-dev nettle-dev zlib1g-dev)
manual=(lowdown mandoc python3)
proving=(gcc g++ clang cmake ninja-build googletest ccache gobjc gobjc++ jq strace python3 python3-venv hyperfine liblmdb-dev
    poppler-utils qpdf emscripten clang-tidy iwyu lld gfortran nasm yasm squashfs-tools e2fsprogs procps meson autoconf automake patch)
# What pictures are looked at in, what makes file systems that share blocks, and what clang links for coverage: where they cannot be
# had, their tests are skipped.
looking=(chromium tmux xfsprogs btrfs-progs libclang-rt-14-dev)
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

# Unpacks a server's package, which has this file: installed, it would be a service of this machine.
unpack() { # PACKAGE FILE
    [ ! -x ".build/tools/$2" ] && ! command -v "$1" >/dev/null || return 0
    echo "setup: unpacking $1 into .build/tools"
    mkdir -p .build/tools && (cd .build/tools && rm -f ./*.deb && apt-get download -q "$1" >/dev/null 2>&1 &&
        dpkg -x "$1"_*.deb . && rm -f ./*.deb) || echo "setup: $1 cannot be had; its tests are skipped" >&2
}

# Servers of which Debian has no package, for S3 and for WebDAV, in a directory of their own.
install_python_servers() {
    local wanted=()
    command -v moto_server >/dev/null || wanted+=('moto[server]')
    command -v wsgidav >/dev/null || wanted+=(wsgidav cheroot)
    if ((${#wanted[@]} == 0)) || [ -e .build/tools/python/done ]; then return 0; fi
    echo "setup: installing ${wanted[*]} into .build/tools/python"
    python3 -m venv .build/tools/python && timeout 120 .build/tools/python/bin/pip install -q --timeout 10 --retries 1 "${wanted[@]}" >/dev/null 2>&1 &&
        touch .build/tools/python/done || echo "setup: ${wanted[*]} cannot be had; their tests are skipped" >&2
}

install_servers() {
    unpack prometheus usr/bin/prometheus
    unpack nginx usr/sbin/nginx
    install_python_servers
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
    [ "${1:-all}" != all ] || install_servers
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
[ "${1:-all}" != all ] || install_servers
