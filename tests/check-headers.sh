#!/usr/bin/env bash
# Each public header compiles alone, as C with the compiler $1 and as C++ with c++.
set -euo pipefail

command -v c++ >/dev/null || { echo "skipped: no C++ compiler here"; exit 77; }
for header in include/convoy/*.h; do
    line="#include \"convoy/${header##*/}\""
    "$1" -std=c17 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c - <<<"$line"
    c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c++ - <<<"$line"
done
