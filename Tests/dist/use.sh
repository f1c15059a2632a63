# shellcheck shell=bash disable=SC2016,SC2154
# The artefacts in use on this system, by any user and without the network.

# counts LARDER DIR NAME: a counter of the cache in DIR.
counts() { LARDER_DIR=$2 "$1" stats --json | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$3"; }

# compiles_and_hits LARDER DIR COMPILER...: twice the same compile is a miss and a hit, in the new cache DIR.
compiles_and_hits() {
    local larder=$1 cache=$2 source
    shift 2
    source=$(mktemp -d -p "$work")
    echo 'int answer(void) { return 42; }' >"$source/a.c"
    (cd "$source" && LARDER_DIR=$cache "$@" -c a.c -o first.o && LARDER_DIR=$cache "$@" -c a.c -o first.o) || return
    [ "$(counts "$larder" "$cache" misses) $(counts "$larder" "$cache" hits)" = "1 1" ] || {
        LARDER_DIR=$cache "$larder" stats
        return 1
    }
    LARDER_DIR=$cache "$larder" verify
}

# says PATTERN COMMAND...: a line of what the command says matches.
says() {
    local pattern=$1 said
    shift
    said=$("$@") || return
    if ! grep -qE -- "$pattern" <<<"$said"; then
        echo "no line '$pattern' in: $said"
        return 1
    fi
}

# The programs have a start of their own when they were built with glibc 2.36, and with another one they say why not.
starts_rightly() {
    local said
    said=$("$@" --version --verbose) || return
    if grep -q '^built with .*glibc 2\.36$' <<<"$said"; then
        grep -qE "^start +Larder's own" <<<"$said"
    else
        grep -qE "^start +the C library's: .*is made for glibc 2\.36" <<<"$said"
    fi || { echo "$said" && return 1; }
}

test_use() {
    use_tarball
    use_links
    use_wheel
}

use_tarball() {
    local root=$work/unpacked/larder-$version-linux-x86_64
    mkdir -p "$work/unpacked"
    check "the tarball unpacks" tar -xf "$tarball" -C "$work/unpacked"
    check "its larder has the version of the sources" test "$("$root/bin/larder" --version)" = "larder $version"
    check "its larder finds the daemon beside it" says "^larderd +$root/bin/larderd$" "$root/bin/larder" --version --verbose
    check "its larder finds the trace library below lib" says "^trace library +$root/lib/larder/liblarder-trace.so$" \
        "$root/bin/larder" --version --verbose
    check "its larder starts without asking the processor, where glibc is the version for that" starts_rightly "$root/bin/larder"
    check "it compiles, and hits" compiles_and_hits "$root/bin/larder" "$work/cache-tarball" "$root/bin/larder" gcc
    check "its completions are those of the program" diff <("$root/bin/larder" completions bash) \
        "$root/share/bash-completion/completions/larder"
    if [ -x "$programs/larder-jdk" ]; then
        check "the tarball of larder-jdk unpacks beside it" tar -xf "$artefacts/larder-jdk-$version-linux-x86_64.tar.zst" -C "$work/unpacked"
        check "larder jdk then works" says '^larder jdk ' "$root/bin/larder" jdk --version
    fi
}

# The links that the package keeps, below a root of our own.
use_links() {
    local root=$work/system links=$work/system/usr/lib/larder update name
    mkdir -p "$root"
    check "the package unpacks" dpkg-deb -x "$package" "$root"
    update=$root/usr/sbin/update-larder-links
    for name in gcc g++ gcc-12 x86_64-linux-gnu-g++-12 clang-19 clang++ c99-gcc cc; do ln -s /nowhere "$root/usr/bin/$name"; done
    for name in gcc-ar-12 gcc-nm clang-format clang-format-19 clang-tidy g++-mapper-server gcc-ranlib-12 llvm-clang.txt; do
        ln -s /nowhere "$root/usr/bin/$name"
    done
    echo mine >"$links/clang"
    check "links are made" env DESTDIR="$root" "$update"
    check "they are called as the compilers are, and lead to larder" diff - <(links_of "$links") <<'LINKS'
c99-gcc
cc
clang++
clang-19
g++
gcc
gcc-12
x86_64-linux-gnu-g++-12
LINKS
    check "a compile through a link is cached, with the compiler behind it in PATH" \
        compiles_and_hits "$root/usr/bin/larder" "$work/cache-links" env PATH="$links:$PATH" gcc
    rm "$root/usr/bin/clang-19"
    DESTDIR=$root "$update"
    check "the link of a compiler that has gone goes, too" test ! -L "$links/clang-19"
    DESTDIR=$root "$update" --remove
    check "all links go with the package" test -z "$(links_of "$links")"
    check "what somebody else has put there stays" test "$(cat "$links/clang")" = mine
    check "a wrong word is refused" says 'usage' bash -c '"$1" --all 2>&1; test $? = 2' - "$update"
}

links_of() { find "$1" -lname ../../bin/larder -printf '%f\n' | sort; }

use_wheel() {
    local environment=$work/environment
    if ! python3 -m venv "$environment" >/dev/null 2>&1; then
        skip "the wheel" "python3 -m venv does not work here (Debian: python3-venv)"
        return
    fi
    files_of "$environment" >"$work/before"
    check "pip installs the wheel" "$environment/bin/pip" install -q --no-index --disable-pip-version-check "$wheel"
    check "pip has nothing to say against it" "$environment/bin/pip" check
    check "its larder finds the trace library" says "^trace library +$environment/lib/larder/liblarder-trace.so$" \
        "$environment/bin/larder" --version --verbose
    check "it compiles, and hits" compiles_and_hits "$environment/bin/larder" "$work/cache-wheel" "$environment/bin/larder" gcc
    if [ -x "$programs/larder-pdf" ]; then
        check "larder pdf is an extra" "$environment/bin/pip" install -q --no-index --find-links "$artefacts" \
            --disable-pip-version-check "larder[pdf]"
        check "larder pdf then works" says '^larder pdf ' "$environment/bin/larder" pdf --version
    fi
    check "pip removes it" "$environment/bin/pip" uninstall -q -y larder larder-pdf
    check "nothing of it stays" diff "$work/before" <(files_of "$environment")
}

# Every file below DIR but python's own caches. Directories do not count: pip leaves those of which only their own ones were left.
files_of() { find "$1" -name __pycache__ -prune -o ! -type d -print | sort; }
