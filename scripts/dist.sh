#!/bin/bash
# Makes what users install out of what has been built: a tarball, a Debian package and a Python wheel.
#
#     dist.sh [--build DIR] [--output DIR] [--quick]
#
# With --quick they are made in a moment and are larger, for tests.
#
# The same programs give the same bytes: names are sorted, owners are root, modes are set here, and every time is
# SOURCE_DATE_EPOCH, or that of the last commit.
set -euo pipefail
export LC_ALL=C TZ=UTC
shopt -s nullglob
umask 022
here=$(cd "$(dirname "$0")/.." && pwd)
build=$here/build output=$here/dist zstd=19 xz=7 deflate=9
while (($#)); do
    case $1 in
    --build) build=$2 && shift 2 ;;
    --output) output=$2 && shift 2 ;;
    --quick) zstd=1 xz=0 deflate=1 && shift ;;
    *) echo "usage: dist.sh [--build DIR] [--output DIR] [--quick]" >&2 && exit 2 ;;
    esac
done

for tool in dpkg-deb python3 readelf tar zstd; do
    command -v "$tool" >/dev/null || { echo "dist: $tool is not installed; 'scripts/setup.sh dist' installs what is needed" >&2 && exit 1; }
done
version=$("$here/scripts/version.sh")
if [ -z "${SOURCE_DATE_EPOCH:-}" ] && ! SOURCE_DATE_EPOCH=$(git -C "$here" log -1 --format=%ct 2>/dev/null); then
    echo "dist: this is no git checkout, so SOURCE_DATE_EPOCH must say which time the files get" >&2
    exit 1
fi
export SOURCE_DATE_EPOCH
built=$("$build/larder" --version)
if [ "$built" != "larder $version" ]; then
    echo "dist: $build/larder calls itself '$built', but the sources are version $version; 'make build' builds it anew" >&2
    exit 1
fi

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$output"

# The text of FILE, or of standard input, with the version and the date in their places.
fill() { sed -e "s/@VERSION@/$version/g" -e "s/@DATE@/$(date -R -d "@$SOURCE_DATE_EPOCH")/" "$@"; }

# KiB of all below DIR; a directory counts as one, for its own size is the file system's affair.
size_of() { find "$1" -printf '%y %s\n' | awk '{ sum += $1 == "d" ? 1 : int(($2 + 1023) / 1024) } END { print sum }'; }

# Gives all below DIR the time that it is to have.
settle() { find "$1" -depth -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; }

# Programs that need a C library, each as large as all else together: where one has been built, it is an artefact of its own.
extras=(jdk remote)

# Makes the tarball NAME of the one directory that is in DIR.
pack_tarball() {
    settle "$2"
    # The window holds all programs, which have much in common; a larger one would not be unpacked without being asked to.
    tar --create --directory "$2" --format=ustar --sort=name --owner=root:0 --group=root:0 --mode=u+rwX,go+rX,go-w \
        --mtime="@$SOURCE_DATE_EPOCH" "larder-$version-linux-x86_64" | zstd -q "-$zstd" --long=27 -T1 -f -o "$output/$1.tar.zst"
    (cd "$output" && sha256sum "$1.tar.zst" >"$1.tar.zst.sha256")
}

tarballs() {
    local name=larder-$version-linux-x86_64
    local root=$stage/tarball/$name
    "$here/scripts/install.sh" "$build" "$root"
    mv "$root/share/doc/larder/LICENSE" "$root/LICENSE"
    fill "$here/packaging/tarball-readme" >"$root/README"
    for extra in "${extras[@]}"; do
        local program=bin/larder-$extra
        if [ ! -e "$root/$program" ]; then
            sed -i "/^\"larder $extra\"/,/^\$/d" "$root/README"
        else
            sed -i "s/@GLIBC@/$("$here/scripts/glibc-needed.sh" "$root/$program")/" "$root/README"
            # The same directory, so that it may be unpacked beside the other.
            mkdir -p "$stage/tarball-$extra/$name/bin"
            mv "$root/$program" "$stage/tarball-$extra/$name/bin/"
            pack_tarball "larder-$extra-$version-linux-x86_64" "$stage/tarball-$extra"
        fi
    done
    pack_tarball "$name" "$stage/tarball"
}

# Makes the Debian package PACKAGE of what is in DIR.
pack_debian() {
    local package=$1 root=$2 document=$2/usr/share/doc/$1 needed size
    install -D -m 644 "$here/packaging/copyright" "$document/copyright"
    sed "s/^larder /$package /" "$here/packaging/debian/changelog" | fill >"$document/changelog.Debian"
    chmod 644 "$document/changelog.Debian"
    gzip -9n "$document"/changelog* "$root"/usr/share/man/man*/*
    needed=$("$here/scripts/glibc-needed.sh" "$root"/usr/bin/* "$root"/usr/lib/larder/*.so)
    size=$(size_of "$root/usr")
    install -d -m 755 "$root/DEBIAN"
    fill "$here/packaging/debian/$package.control" | sed -e "s/@GLIBC@/$needed/" -e "s/@SIZE@/$size/" >"$root/DEBIAN/control"
    (cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    settle "$root"
    # One thread, because several divide the data differently.
    dpkg-deb --root-owner-group --threads-max=1 -Zxz "-z$xz" --build "$root" "$output/${package}_${version}-1_amd64.deb" >/dev/null
}

debian() {
    local root=$stage/debian source=$here/packaging/debian
    "$here/scripts/install.sh" "$build" "$root/usr"
    for extra in "${extras[@]}"; do
        local package=larder-$extra own=$stage/debian-$extra
        [ -e "$root/usr/bin/$package" ] || continue
        mkdir -p "$own/usr/bin" "$own/usr/share/man/man1"
        mv "$root/usr/bin/$package" "$own/usr/bin/"
        ! [ -e "$root/usr/share/man/man1/$package.1" ] || mv "$root/usr/share/man/man1/$package.1" "$own/usr/share/man/man1/"
        rmdir --ignore-fail-on-non-empty "$own/usr/share/man/man1" "$own/usr/share/man"
        ! [ -e "$source/$package.lintian-overrides" ] ||
            install -D -m 644 "$source/$package.lintian-overrides" "$own/usr/share/lintian/overrides/$package"
        pack_debian "$package" "$own"
    done
    install -D -m 755 "$source/update-larder-links" "$root/usr/sbin/update-larder-links"
    install -D -m 644 "$source/update-larder-links.8" "$root/usr/share/man/man8/update-larder-links.8"
    install -D -m 644 "$source/larder.lintian-overrides" "$root/usr/share/lintian/overrides/larder"
    # Where Debian looks for them.
    mkdir -p "$root/usr/share/zsh/vendor-completions"
    mv "$root/usr/share/zsh/site-functions/_larder" "$root/usr/share/zsh/vendor-completions/_larder"
    rmdir "$root/usr/share/zsh/site-functions"
    rm "$root/usr/share/doc/larder/LICENSE"
    mv "$root/usr/share/doc/larder/CHANGELOG.md" "$root/usr/share/doc/larder/changelog"
    install -D -m 644 "$source/triggers" "$root/DEBIAN/triggers"
    install -m 755 "$source/postinst" "$source/prerm" "$root/DEBIAN/"
    pack_debian larder "$root"
}

wheels() {
    "$here/scripts/install.sh" "$build" "$stage/wheel"
    python3 "$here/packaging/wheel.py" --tree "$stage/wheel" --version "$version" --level "$deflate" \
        --glibc-needed "$here/scripts/glibc-needed.sh" --output "$output"
}

makers=()
for kind in tarballs debian wheels; do
    $kind &
    makers+=($!)
done
status=0
for maker in "${makers[@]}"; do wait "$maker" || status=$?; done
[ $status = 0 ] || exit $status
(cd "$output" && stat -c '%10s %n' larder*[-_]"$version"-*.{zst,deb,whl})
