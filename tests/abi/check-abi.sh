#!/usr/bin/env bash
# A program that was built against the headers of a release runs with today's shared library. The headers of
# each release are kept in tests/abi/VERSION; a release with another SOVERSION begins a new list.
# $1 is the library, $2 the compiler, flags follow.
set -euo pipefail

library=$1 compiler=$2 flags=("${@:3}")
here=$(dirname "$0") scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export LD_LIBRARY_PATH=${library%/*}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

readelf --dynamic "$library" | grep -q 'SONAME.*libconvoy\.so\.[0-9]' ||
    { echo "$library has no SONAME with a version"; exit 1; }
"$compiler" -std=c17 "${flags[@]}" -I"$here/../../include" "$here/layout.c" -o "$scratch/layout"
"$scratch/layout" | sort >"$scratch/now"
for release in "$here"/[0-9]*/; do
    version=$(basename "$release")
    "$compiler" -std=c17 -Wall -Wextra -Werror "${flags[@]}" -I"$release" "$here/program.c" "$library" -lm \
        -o "$scratch/program"
    "$scratch/program"
    "$compiler" -std=c17 "${flags[@]}" -I"$release" "$here/layout.c" -o "$scratch/layout"
    "$scratch/layout" | sort >"$scratch/then"
    moved=$(comm -23 "$scratch/then" "$scratch/now")
    [ -z "$moved" ] || { echo "moved since $version:"; echo "$moved"; exit 1; }
done
