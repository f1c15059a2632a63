#!/bin/bash
# Fails when a file imports what its target may not.
#   1. A module of this package that the target does not declare (also one that comes through another target).
#   2. Foundation anywhere below Sources/: it would cost the launcher more than a whole hit.
#   3. Glibc or CLinux outside the target Files: what the operating system offers lives in one place.
#   4. A front end that knows another one.
#   5. A folder of CompilerCache that knows a later one (check-rooms.py).
set -euo pipefail
cd "$(dirname "$0")/.."

description=$("${SWIFT:-swift}" package describe --type json)

# One line a target: its name, its folder, then the modules it declares.
mapfile -t targets < <(jq -r '.targets[] | [.name, .path] + (.target_dependencies // []) | join(" ")' <<<"$description")
modules=$(jq -r '.targets[].name' <<<"$description")

# One line an import below Sources, Tests, Fuzz and Examples: "file:line module".
folders=(Sources)
for folder in Tests Fuzz Examples; do
    if [[ -d $folder ]]; then folders+=("$folder"); fi
done
imports=$(grep -rnE '^[[:space:]]*(@[A-Za-z_]+(\([^)]*\))?[[:space:]]+)*((public|package|internal|fileprivate|private)[[:space:]]+)?import[[:space:]]' \
    "${folders[@]}" --include='*.swift' --exclude-dir='*.docc' |
    sed -E 's/^([^:]+:[0-9]+):.*[[:space:]]?import[[:space:]]+((struct|class|enum|protocol|func|var|let|typealias|actor)[[:space:]]+)?([A-Za-z_0-9]+).*/\1 \4/' || true)

status=0
complain() {
    echo "$1: $2" >&2
    status=1
}

front_ends=" CompilerCache CommandCache JDKCatalog PDFText ProjectSetup "
for target in "${targets[@]}"; do
    read -r name path rest <<<"$target"
    [[ $front_ends == *" $name "* ]] || continue
    for module in $rest; do
        [[ $front_ends != *" $module "* ]] || complain Package.swift "the front end '$name' must not know '$module'"
    done
done

while read -r where module; do
    [[ -n $where ]] || continue
    file=${where%%:*}
    owner='' declared=''
    for target in "${targets[@]}"; do
        read -r name path rest <<<"$target"
        if [[ $file == "$path"/* ]]; then
            owner=$name declared=" $rest "
        fi
    done
    if [[ $file == Sources/* ]]; then
        case $module in
        Foundation | FoundationEssentials | FoundationNetworking | FoundationXML | FoundationInternationalization)
            complain "$where" "nothing below Sources imports $module"
            ;;
        Glibc | CLinux | Musl | Darwin)
            [[ $owner == Files ]] || complain "$where" "only Files imports $module"
            ;;
        esac
    fi
    if [[ $module != "$owner" ]] && grep -qxF "$module" <<<"$modules" && [[ $declared != *" $module "* ]]; then
        complain "$where" "'$owner' does not declare '$module' in Package.swift"
    fi
done <<<"$imports"

scripts/check-rooms.py || status=1

exit $status
