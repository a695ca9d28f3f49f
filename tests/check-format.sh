#!/usr/bin/env bash
# Every C file looks as .clang-format says.
set -euo pipefail

command -v clang-format-14 >/dev/null || { echo "skipped: no clang-format-14 here"; exit 77; }
find include src tests bench -name '*.[ch]' -exec clang-format-14 --dry-run --Werror {} +
