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

# KiB of all below DIR; a directory counts as one, for its own size is the file system's affair.
size_of() { find "$1" -printf '%y %s\n' | awk '{ sum += $1 == "d" ? 1 : int(($2 + 1023) / 1024) } END { print sum }'; }

# Gives all below DIR the time that it is to have.
settle() { find "$1" -depth -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; }

tarball() {
    local name=larder-$version-linux-x86_64
    local root=$stage/tarball/$name
    "$here/scripts/install.sh" "$build" "$root"
    mv "$root/share/doc/larder/LICENSE" "$root/LICENSE"
    sed "s/@VERSION@/$version/g" "$here/packaging/tarball-readme" >"$root/README"
    settle "$root"
    # The window holds all programs, which have much in common; a larger one would not be unpacked without being asked to.
    tar --create --directory "$stage/tarball" --format=ustar --sort=name --owner=root:0 --group=root:0 \
        --mode=u+rwX,go+rX,go-w --mtime="@$SOURCE_DATE_EPOCH" "$name" |
        zstd -q "-$zstd" --long=27 -T1 -f -o "$output/$name.tar.zst"
    (cd "$output" && sha256sum "$name.tar.zst" >"$name.tar.zst.sha256")
}

debian() {
    local root=$stage/debian source=$here/packaging/debian revision=$version-1 needed document
    "$here/scripts/install.sh" "$build" "$root/usr"
    install -D -m 755 "$source/update-larder-links" "$root/usr/sbin/update-larder-links"
    install -D -m 644 "$source/update-larder-links.8" "$root/usr/share/man/man8/update-larder-links.8"
    install -D -m 644 "$source/lintian-overrides" "$root/usr/share/lintian/overrides/larder"
    # Where Debian looks for them.
    mkdir -p "$root/usr/share/zsh/vendor-completions"
    mv "$root/usr/share/zsh/site-functions/_larder" "$root/usr/share/zsh/vendor-completions/_larder"
    rmdir "$root/usr/share/zsh/site-functions"
    document=$root/usr/share/doc/larder
    rm "$document/LICENSE"
    mv "$document/CHANGELOG.md" "$document/changelog"
    sed -e "s/@VERSION@/$revision/" -e "s/@DATE@/$(date -R -d "@$SOURCE_DATE_EPOCH")/" "$source/changelog" \
        >"$document/changelog.Debian"
    gzip -9n "$document/changelog" "$document/changelog.Debian" "$root"/usr/share/man/man*/*

    install -d -m 755 "$root/DEBIAN"
    needed=$("$here/scripts/glibc-needed.sh" "$root"/usr/bin/* "$root"/usr/lib/larder/*)
    sed -e "s/@VERSION@/$revision/" -e "s/@SIZE@/$(size_of "$root/usr")/" \
        -e "s/@DEPENDS@/${needed:+Depends: libc6 (>= $needed)}/" "$source/control" | sed '/^$/d' >"$root/DEBIAN/control"
    install -m 644 "$source/triggers" "$root/DEBIAN/triggers"
    install -m 755 "$source/postinst" "$source/prerm" "$root/DEBIAN/"
    (cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    chmod 644 "$root/DEBIAN/md5sums"
    settle "$root"
    # One thread, because several divide the data differently.
    dpkg-deb --root-owner-group --threads-max=1 -Zxz "-z$xz" --build "$root" "$output/larder_${revision}_amd64.deb" >/dev/null
}

wheels() {
    "$here/scripts/install.sh" "$build" "$stage/wheel"
    python3 "$here/packaging/wheel.py" --tree "$stage/wheel" --version "$version" --level "$deflate" \
        --glibc-needed "$here/scripts/glibc-needed.sh" --output "$output"
}

tarball
debian
wheels
(cd "$output" && stat -c '%10s %n' "larder-$version-linux-x86_64.tar.zst" "larder_$version-1_amd64.deb" larder*"-$version"-*.whl)
