#!/bin/bash
# Makes a directory from which libraries are linked statically: archives.sh DIR MODULE..., with the modules' names for pkg-config. In
# it are links to their archives, and their descriptions with DIR as the place where the libraries are.
set -euo pipefail
directory=$1
shift
mkdir -p "$directory"
for module in "$@"; do
    library=$(pkg-config --libs-only-l "$module")
    library=${library#-l}
    archive=$("${CC:-gcc}" -print-file-name="lib${library%% *}.a")
    if [ ! -e "$archive" ]; then
        echo "archives: there is no $archive" >&2
        exit 1
    fi
    ln -sf "$archive" "$directory/"
    description=$(pkg-config --variable=pcfiledir "$module")/$module.pc
    # A second run finds what the first has made.
    if [ "$description" -ef "$directory/$module.pc" ]; then continue; fi
    sed "s,^libdir=.*,libdir=$directory," "$description" >"$directory/$module.pc"
done
