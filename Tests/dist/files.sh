# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# What is in the artefacts, without installing them.

# 12 MB, for each file that people fetch.
readonly largest=12000000

# Makes the artefacts twice, in different surroundings, for they must not show in them.
make_twice() {
    check "artefacts are made" "$here/scripts/dist.sh" --build "$programs" --output "$work/first" --quick
    cp -r "$programs" "$work/elsewhere"
    # Other times of the files, another directory, another time zone, another umask.
    find "$work/elsewhere" -exec touch -d '2001-02-03 04:05:06' {} +
    check "artefacts are made elsewhere" bash -c 'cd / && umask 077 && mkdir "$2/temporary" && TZ=Asia/Tokyo TMPDIR=$2/temporary \
        "$1/scripts/dist.sh" --build "$2/elsewhere" --output "$2/second" --quick' - "$here" "$work"
    check "made twice, they are the same bytes" diff -r "$work/first" "$work/second"
    check "an epoch decides about every time" other_epoch
}

other_epoch() {
    SOURCE_DATE_EPOCH=1000000000 "$here/scripts/dist.sh" --build "$programs" --output "$work/third" --quick >/dev/null 2>&1 || return
    # GNU tar lists 2001-09-09 for it.
    ! tar --utc -tvf "$work/third/larder-$version-linux-x86_64.tar.zst" | grep -v 2001-09-09
}

test_files() {
    local file
    tarball=$artefacts/larder-$version-linux-x86_64.tar.zst
    package=$artefacts/larder_$version-1_amd64.deb
    wheel=$(echo "$artefacts/larder-$version"-py3-none-*.whl)
    for file in "$artefacts"/*.{zst,whl}; do
        # What was made in a moment is larger: most of it is small enough for all that, larder-jdk is not.
        [[ $file != *jdk* || $artefacts != "$work"/* ]] || continue
        check "$(basename "$file") has $(stat -c %s "$file") bytes, at most $largest" test "$(stat -c %s "$file")" -le $largest
    done
    check "the checksum is that of the tarball" bash -c 'cd "$1" && sha256sum --quiet -c larder*.sha256' - "$artefacts"
    check "the tarball holds what it should" tarball_contents
    check "the tarball has root's owners, plain modes, one time, sorted names" tarball_form
    check "the package holds what it should" package_contents
    check "the package has root's owners and plain modes" package_form
    for file in "$artefacts"/*.whl; do
        check "the record of $(basename "$file" | cut -d - -f 1) names each file with its digest, and the tag is right" \
            python3 "$here/Tests/dist/wheel-check.py" "$file" "$here/scripts/glibc-needed.sh"
    done
    if command -v lintian >/dev/null; then
        for file in "$artefacts"/*.deb; do
            check "lintian has no error in $(basename "$file")" lintian --fail-on error --allow-root "$file"
        done
    else
        skip lintian "it is not installed (scripts/setup.sh dist-test installs it)"
    fi
    if twine=$(command -v twine); then
        check "twine takes the wheels" "$twine" check --strict "$artefacts"/*.whl
    else
        skip "twine check" "it is not in PATH (pip install twine)"
    fi
}

# holds LIST NAME...: each name is a line of the list.
holds() {
    local list=$1 name status=0
    shift
    for name in "$@"; do
        grep -qxF -- "$name" <<<"$list" || { echo "without $name" && status=1; }
    done
    return $status
}

shared=(bash-completion/completions/larder fish/vendor_completions.d/larder.fish doc/larder/README.md doc/larder/copyright)

tarball_contents() {
    local top=larder-$version-linux-x86_64 list
    list=$(tar -tf "$tarball") || return
    holds "$list" "$top/bin/larder" "$top/bin/larderd" "$top/lib/larder/liblarder-trace.so" "$top/LICENSE" "$top/README" \
        "$top/share/zsh/site-functions/_larder" "${shared[@]/#/$top/share/}" || return
    [ ! -x "$programs/larder-pdf" ] || holds "$list" "$top/bin/larder-pdf" || return
    [ ! -d "$programs/man" ] || holds "$list" "$top/share/man/man1/larder.1" || return
    # Nothing outside the one directory.
    ! grep -v "^$top/" <<<"$list"
}

tarball_form() {
    local list
    list=$(tar --utc --full-time --numeric-owner -tvf "$tarball") || return
    # Whatever a line has that it should not.
    ! grep -vE '^(d|-)rw[x-]r-[x-]r-[x-] 0/0 ' <<<"$list" || return
    ! grep -E '^-rwx' <<<"$list" | grep -v '/bin/' || return
    ! grep -E '^-rw-.*/bin/' <<<"$list" || return
    [ "$(awk '{ print $4, $5 }' <<<"$list" | sort -u | wc -l)" = 1 ] || return
    tar -tf "$tarball" | sed 's,/$,,' | tr / '\1' | sort -c
}

package_contents() {
    local list
    list=$(dpkg-deb --fsys-tarfile "$package" | tar -t) || return
    holds "$list" ./usr/bin/larder ./usr/bin/larderd ./usr/sbin/update-larder-links ./usr/lib/larder/liblarder-trace.so \
        ./usr/share/doc/larder/changelog.Debian.gz ./usr/share/man/man8/update-larder-links.8.gz \
        ./usr/share/zsh/vendor-completions/_larder "${shared[@]/#/./usr/share/}" || return
    [ ! -d "$programs/man" ] || holds "$list" ./usr/share/man/man1/larder.1.gz || return
    [ "$(dpkg-deb -f "$package" Version)" = "$version-1" ] || return
    # Nothing that has to be installed first.
    [ -z "$(dpkg-deb -f "$package" Depends)" ]
}

package_form() {
    local list
    list=$(dpkg-deb -c "$package") || return
    ! grep -vE '^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--) root/root ' <<<"$list" || return
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$(mktemp -d -p "$work")" --to-command='md5sum | cut -c 1-32' | sort >"$work/sums"
    dpkg-deb --ctrl-tarfile "$package" | tar -xO ./md5sums | cut -c 1-32 | sort | diff - "$work/sums"
}
