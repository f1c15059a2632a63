#!/bin/bash
# Builds the preload library: build-trace.sh FILE [FLAG]...
#
# No standard library and no start files: it depends on nothing but what the program has already (see Sources/CTrace/Trace.h).
# -O2 is needed, not only wanted: dlopen goes on to libc's by a jump.
set -euo pipefail
output=$1
shift
source=$(dirname "$0")/../Sources/CTrace
mkdir -p "$(dirname "$output")"
temporary=$output.$$.new
trap 'rm -f "$temporary"' EXIT
"${CC:-gcc}" -O2 -std=gnu11 -fPIC -shared -nostdlib -fvisibility=hidden -fno-builtin -fno-stack-protector \
    -fno-tree-loop-distribute-patterns -fno-asynchronous-unwind-tables -U_FORTIFY_SOURCE -Wall -Wextra -Werror \
    -Wno-nonnull-compare -Wl,-s,-z,now,-z,noexecstack,--hash-style=gnu,-soname,liblarder-trace.so "$@" \
    -o "$temporary" "$source"/*.c
mv -f "$temporary" "$output"
