#!/usr/bin/env bash
# Makes every call of malloc, open, read, write, fsync, rename, mmap, close and mkdir fail in turn, once and from
# then on, in train, resume, predict, compare, data convert and info. Takes hours; the test `faults` tries a few.
#     scripts/faults.sh [COUNT [SCENARIO...]]      COUNT calls of each kind, or all of them
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --build build-gcc -j2 --target convoy_program convoy_fail >/dev/null
CONVOY_PROGRAM=build-gcc/convoy exec tests/faults/faults.sh "$(find build-gcc/tests -name 'libconvoy_fail.so')" \
    "${1:-all}" "${@:2}"
