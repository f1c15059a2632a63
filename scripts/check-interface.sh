#!/bin/bash
# Keeps the library's public interface what docs/interface/LarderStore.txt says, so that a change of it is a deliberate one:
# --update writes the file anew. Needs the debug build (make test makes it) and takes a second.
set -euo pipefail
cd "$(dirname "$0")/.."

swift=${SWIFT:-swift}
noted=docs/interface/LarderStore.txt
bin=$("$swift" build --show-bin-path)
if [[ ! -f $bin/Modules/LarderStore.swiftmodule ]]; then
    echo "$bin/Modules/LarderStore.swiftmodule is not there; run \`$swift build\` first" >&2
    exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
triple=$("$swift" -print-target-info | jq -r .target.unversionedTriple)

# Files has a public part, too: what LarderStore speaks of and exports.
for module in LarderStore Files; do
    "$swift" symbolgraph-extract -module-name "$module" -I "$bin/Modules" -I "$bin/CLinux.build" -I Sources/CNettle \
        -I Sources/CZstd -target "$triple" -minimum-access-level public -module-cache-path "$work/cache" -output-dir "$work"
done

# One line a declaration, its place in front, then what it conforms to; nothing that the compiler adds by itself.
now=$work/interface
{
    echo '# The public interface of LarderStore, written by scripts/check-interface.sh --update.'
    jq -r '
        ([.symbols[] | {key: .identifier.precise, value: (.pathComponents | join("."))}] | from_entries) as $names
        | (.symbols[] | select(.identifier.precise | contains("::SYNTHESIZED::") | not)
            | [(.pathComponents | join(".")), ([.declarationFragments[].spelling] | join("") | gsub("\\s+"; " "))]),
          (.relationships[] | select(.kind == "conformsTo" and $names[.source] != null and .targetFallback != "Swift.SendableMetatype")
            | [$names[.source], ": " + ($names[.target] // .targetFallback // .target)])
        | join(" | ")' "$work/LarderStore.symbols.json" "$work/Files.symbols.json" | LC_ALL=C sort -u
} > "$now"

if [[ ${1:-} == --update ]]; then
    mkdir -p "$(dirname "$noted")"
    cp "$now" "$noted"
elif ! diff -u "$noted" "$now"; then
    echo "the public interface of LarderStore is not what $noted says; where that is meant, run $0 --update" >&2
    exit 1
fi
