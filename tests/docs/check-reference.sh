#!/usr/bin/env bash
# The API reference is made from the public headers without a warning.
set -euo pipefail

command -v doxygen >/dev/null || exit 77 # skipped
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
(cat docs/Doxyfile; echo "OUTPUT_DIRECTORY = $output") | doxygen -
[ -s "$output/html/train_8h.html" ]
