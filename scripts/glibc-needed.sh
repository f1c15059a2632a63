#!/bin/bash
# Prints the oldest glibc that the programs and libraries named need, as 2.34; nothing where none of them needs any.
set -euo pipefail
readelf --wide --version-info "$@" |
    sed -nE 's/.*Name: GLIBC_([0-9]+(\.[0-9]+)+) .*/\1/p' | sort -uV | tail -n 1
