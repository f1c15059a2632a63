#!/bin/bash
# Takes the symbols out of a program, and what would say in which directory it was built.
#
#     strip.sh PROGRAM STRIPPED
#
# Swift keeps digests of its command lines in a section (.swift_modhash) that nothing reads at run time. It is filled with
# zeros and not removed: strip would remove the segment with it that has the system write-protect what is only to be read
# once the program has started (GNU_RELRO).
set -euo pipefail
export LC_ALL=C
strip -o "$2" "$1"
read -r offset size < <(readelf -SW "$2" | sed -nE 's/.* \.swift_modhash +[A-Z]+ +[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) .*/\1 \2/p') || exit 0
dd if=/dev/zero of="$2" bs=1 seek=$((16#$offset)) count=$((16#$size)) conv=notrunc status=none
