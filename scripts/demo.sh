#!/bin/bash
# Builds a real C++ project (googletest with its own tests, from Debian's package) four times: bare, with an empty
# cache, with a full one, and in a second copy of the tree. Compares every object with what the bare compiler wrote.
#
# -ffile-prefix-map keeps the tree's path out of the objects (assertions would hold it in __FILE__), as builds do that
# shall be reproducible; so the second copy must give the same bytes as the first, and can come out of its cache.
#
#   LARDER=PROGRAM   the cache to show (default: build/larder; ccache works too)
#   CXX=COMPILER     default /usr/bin/g++; named by its full path, because Swift brings a clang of its own
set -euo pipefail
cd "$(dirname "$0")/.."

larder=$(realpath "${LARDER:-build/larder}")
cxx=${CXX:-/usr/bin/g++}
case $cxx in *clang++*) cc=${cxx/clang++/clang} ;; *) cc=${cxx/g++/gcc} ;; esac
source=/usr/src/googletest
jobs=$(nproc)
work=$(mktemp -d "${TMPDIR:-/tmp}/larder-demo.XXXXXX")
trap '[[ $larder == */ccache ]] || "$larder" daemon stop >/dev/null 2>&1; rm -rf "$work"' EXIT

# Nothing of the user's own settings may shape the result.
for name in $(compgen -e); do
    case $name in LARDER | LARDER_* | CCACHE_* | CFLAGS | CXXFLAGS | CPPFLAGS | LDFLAGS) unset "$name" ;; esac
done
export LARDER_DIR=$work/cache CCACHE_DIR=$work/cache

# configure TREE [CMAKE OPTION...]: a fresh build folder in a copy of the project.
configure() {
    local tree=$1
    shift
    rm -rf "$tree/out"
    cmake -G Ninja -S "$tree" -B "$tree/out" -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_C_COMPILER="$cc" \
        -DCMAKE_CXX_FLAGS="-ffile-prefix-map=$tree=." -Dgtest_build_tests=ON -Dgtest_build_samples=ON "$@" >"$work/log" 2>&1 ||
        { cat "$work/log" >&2 && exit 1; }
}

# build TREE: sets `seconds`.
build() {
    local begin=${EPOCHREALTIME/./}
    ninja -C "$1/out" -j "$jobs" >"$work/log" 2>&1 || { tail -40 "$work/log" >&2 && exit 1; }
    seconds=$(awk -v us=$((${EPOCHREALTIME/./} - begin)) 'BEGIN { printf "%.2f", us / 1000000 }')
}

# count WORD: one of the cache's counters, hits or misses, since it was made.
count() {
    local form
    if [[ $(basename "$larder") == ccache ]]; then
        form='/^(direct|preprocessed)_cache_hit/ { hits += $2 } /^cache_miss/ { misses += $2 } END { print '$1' + 0 }'
        "$larder" --print-stats | awk "$form"
    else
        "$larder" stats --json | jq ".$1"
    fi
}

row() { printf '  %-36s %8s %6s %7s %9s\n' "$@"; }
faster() { awk -v a="$bare" -v b="$1" 'BEGIN { printf "%.1fx", a / b }'; }

# round LABEL TREE: builds with the cache and prints what it did.
round() {
    local label=$1 tree=$2 hits misses
    configure "$tree" "-DCMAKE_CXX_COMPILER_LAUNCHER=$larder" "-DCMAKE_C_COMPILER_LAUNCHER=$larder"
    # The checks of the compiler that cmake makes are no part of the build.
    hits=$(count hits) misses=$(count misses)
    build "$tree"
    row "$label" "$seconds" "$(($(count hits) - hits))" "$(($(count misses) - misses))" "$(faster "$seconds")"
}

mkdir "$work/first" "$work/second"
cp -r "$source/." "$work/first"
cp -r "$source/." "$work/second"

configure "$work/first"
units=$(ninja -C "$work/first/out" -t commands | grep -c ' -c ')
echo "googletest and its tests: $units files, $("$cxx" --version | head -1), $jobs at a time"
echo
row '' seconds hits misses speed-up
build "$work/first"
bare=$seconds
row 'bare compiler' "$bare" - - 1.0x
mv "$work/first/out" "$work/bare"

round 'empty cache' "$work/first"
round 'full cache, build folder wiped' "$work/first"

# compare TREE: sets `same`, the number of objects that equal the bare compiler's, and adds the others to `different`.
different=()
compare() {
    same=0
    local object
    while read -r object; do
        if cmp -s "$work/bare/$object" "$1/out/$object"; then
            same=$((same + 1))
        else
            different+=("$1/out/$object")
        fi
    done < <(cd "$work/bare" && find . -name '*.o')
}

compare "$work/first"
first=$same
round 'second copy, at another path' "$work/second"
compare "$work/second"

echo
echo "objects equal to the bare compiler's, byte for byte: $first of $units; in the second copy: $same of $units"
if ((${#different[@]} > 0 || first != units || same != units)); then
    printf 'not equal: %s\n' "${different[@]#"$work/"}" >&2
    exit 1
fi
