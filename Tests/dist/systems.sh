# shellcheck shell=bash disable=SC2016,SC2154
# The artefacts in systems that have nothing of ours: Debian's, and one without any library. By root.

# Until the first hit, in seconds.
readonly soonest=30

test_systems() {
    local suite
    if ((EUID)); then
        skip "fresh systems" "a chroot takes root"
        return
    fi
    if ! unshare --mount true 2>/dev/null; then
        skip "fresh systems" "this root may not mount anything"
        return
    fi
    for suite in bookworm trixie; do
        if ! debian_system "$suite"; then continue; fi
        install_package "$suite"
        install_wheel "$suite"
    done
    without_libraries
}

# Makes the system $systems/SUITE, unless it is there: Debian's smallest, with a compiler and python.
debian_system() {
    local suite=$1 mirror
    if [ ! -e "$systems/$suite.tar" ]; then
        if ! command -v debootstrap >/dev/null; then
            skip "$suite" "debootstrap is not installed (scripts/setup.sh dist-test installs it)"
            return 1
        fi
        mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -m 1 'debian/\?$')
        mkdir -p "$systems"
        rm -rf "${systems:?}/$suite"
        if ! debootstrap --variant=minbase --include=gcc,libc6-dev,python3-venv "$suite" "${systems:?}/$suite" \
            "${mirror:-http://deb.debian.org/debian}" >"$systems/$suite.log" 2>&1; then
            skip "$suite" "debootstrap did not succeed, perhaps without the network: $(tail -n 1 "$systems/$suite.log")"
            rm -rf "${systems:?}/$suite"
            return 1
        fi
        tar -C "${systems:?}/$suite" -cf "$systems/$suite.new" . && mv "$systems/$suite.new" "$systems/$suite.tar"
        rm -rf "${systems:?}/$suite"
    fi
}

# A copy of SUITE in $root, to be used once, with a source in it and the artefacts in /tmp.
fresh() {
    export root=$work/system version
    rm -rf "$root"
    mkdir "$root"
    tar -C "$root" -xf "$systems/$1.tar"
    echo 'int main(void) { return 0; }' >"$root/tmp/a.c"
    cp "$artefacts"/*.deb "$artefacts"/*.whl "$root/tmp/"
}

# inside COMMAND...: as a shell of a user that has just come, with /proc, in $root.
inside() {
    unshare --mount --propagation private sh -c 'mkdir -p "$1/proc" && mount -t proc proc "$1/proc" && shift && exec "$@"' - "$root" \
        chroot "$root" /usr/bin/env -i HOME=/root LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        sh -ec "cd /tmp; $*"
}

# Every name in $root but what the package manager, python and the cache keep.
names() {
    (cd "$root" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/log -o -path ./var/cache -o -path ./tmp \
        -o -name .cache -o -path ./proc -o -name __pycache__ \) -prune -o -print | sort)
}

# in_time SENTENCE COMMAND: as check, of what happens inside, which must be done in $soonest.
in_time() {
    local start=$EPOCHREALTIME seconds
    check "$1" inside "$2"
    seconds=$(awk -v from="$start" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }')
    check "$1: $seconds s, at most $soonest" awk -v took="$seconds" -v most=$soonest 'BEGIN { exit took > most }'
}

# Two compiles of which one was a miss and the other a hit, for a shell inside that has LARDER.
readonly first_hit='"$larder" gcc -c a.c && "$larder" gcc -c a.c
    "$larder" stats --json | grep -q "\"hits\": *1," && "$larder" stats --json | grep -q "\"misses\": *1,"'

install_package() {
    local as="$1, package"
    fresh "$1"
    names >"$work/names"
    in_time "$as: installed and hit" "dpkg -i larder_*.deb; larder=larder; $first_hit"
    check "$as: hits through the links" inside 'PATH=/usr/lib/larder:$PATH; export LARDER_DIR=/tmp/links
        gcc -c a.c -o 1.o; gcc -c a.c -o 2.o; cc -c a.c -o 3.o; cc -c a.c -o 4.o; larder verify
        larder stats --json | grep -q "\"hits\": *2,"; larder daemon stop; unset LARDER_DIR; larder daemon stop'
    check "$as: a link goes with its compiler" inside 'test -L /usr/lib/larder/gcc
        dpkg --force-depends -r gcc && ! test -L /usr/lib/larder/gcc && test -e /usr/bin/larder'
    check "$as: it says how it starts" starts_rightly inside larder
    if [ -e "$root/tmp/larder-jdk_$version-1_amd64.deb" ]; then
        check "$as: larder jdk is added" inside 'dpkg -i larder-jdk_*.deb && larder jdk --version && larder jdk list-distributions'
        check "$as: larder jdk is removed" inside 'dpkg -P larder-jdk'
    fi
    fresh "$1"
    check "$as: removed after use" inside "dpkg -i larder_*.deb; larder=larder; $first_hit; larder daemon stop; dpkg -P larder"
    check "$as: nothing of it stays" diff "$work/names" <(names)
}

install_wheel() {
    local as="$1, wheel"
    fresh "$1"
    in_time "$as: installed and hit" "python3 -m venv /opt/v && /opt/v/bin/pip install -q --no-index larder-$version-*.whl
        larder=/opt/v/bin/larder; $first_hit"
    check "$as: it says how it starts" starts_rightly inside /opt/v/bin/larder
    inside '/opt/v/bin/larder daemon stop' >/dev/null 2>&1
}

# A system of busybox and the tarball. The compiler, for there must be one, has its libraries in a directory of its own, and
# nothing else finds them there.
without_libraries() {
    local busybox suite=bookworm as="no libraries" program library compiler=$work/system/compiler
    if ! busybox=$(command -v busybox) || ! command -v patchelf >/dev/null; then
        skip "$as" "busybox-static or patchelf is not installed (scripts/setup.sh dist-test installs them)"
        return
    fi
    if [ ! -e "$systems/$suite.tar" ]; then
        skip "$as" "there is no $suite to take a compiler from"
        return
    fi
    root=$work/$suite
    mkdir "$root"
    tar -C "$root" -xf "$systems/$suite.tar"
    mkdir -p "$work/system.new/bin" "$work/system.new/tmp" "$work/system.new/dev"
    # Compilers are asked what they would do with it.
    mknod -m 666 "$work/system.new/dev/null" c 1 3
    rm -rf "$work/system"
    mv "$work/system.new" "$work/system"
    mkdir -p "$compiler/lib" "$compiler/usr/bin"
    cp "$root/usr/bin/gcc" "$compiler/usr/bin/gcc"
    cp "$root/usr/bin/as" "$compiler/usr/bin/as"
    (cd "$root" && cp -r --parents usr/lib/gcc/x86_64-linux-gnu/12/{cc1,include} "$compiler/")
    for program in usr/bin/gcc usr/bin/as usr/lib/gcc/x86_64-linux-gnu/12/cc1; do
        for library in $(chroot "$root" ldd "/$program" | grep -o '/[^ ]*'); do cp -Lu "$root$library" "$compiler/lib/"; done
        patchelf --set-interpreter /compiler/lib/ld-linux-x86-64.so.2 --force-rpath --set-rpath /compiler/lib "$compiler/$program"
    done
    rm -rf "$root"
    root=$work/system
    cp "$busybox" "$root/bin/busybox"
    tar -xf "$tarball" -C "$root"
    printf '#include <stddef.h>\nsize_t a(int *p) { return sizeof *p; }\n' >"$root/tmp/a.c"
    check "$as: there are none outside the compiler's" test -z "$(find "$root" -name '*.so*' ! -path '*/compiler/*' ! -name liblarder-trace.so)"
    # Without /proc first, then with it, and with the daemon.
    check "$as, no /proc: a compile, a hit, stats, verify" bare 'export LARDER_DAEMON=off LARDER_DIR=/tmp/without'
    check "$as: a compile, a hit, stats, verify, with the daemon" unshare --mount --propagation private bash -c \
        'mkdir -p "$root/proc" && mount -t proc proc "$root/proc" && bare "export LARDER_DAEMON=auto LARDER_DIR=/tmp/with" "larder daemon status; larder daemon stop"'
    check "$as: Larder says what is active" starts_rightly chroot "$root" "/larder-$version-linux-x86_64/bin/larder"
}

# bare SETTINGS [LAST]: compiles twice in $root, which has nothing but busybox, and does LAST.
bare() {
    chroot "$root" /bin/busybox env -i PATH="/larder-$version-linux-x86_64/bin:/compiler/usr/bin" HOME=/tmp /bin/busybox sh -ec "cd /tmp
        $1
        larder gcc -O2 -c a.c -o 1.o
        larder gcc -O2 -c a.c -o 2.o
        busybox() { /bin/busybox \"\$@\"; }
        busybox cmp 1.o 2.o
        larder stats
        larder stats --json | busybox grep -q '\"hits\": *1,'
        larder stats --json | busybox grep -q '\"misses\": *1,'
        larder verify
        ${2:-}"
}
export -f bare
