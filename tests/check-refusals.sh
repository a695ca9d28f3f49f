#!/usr/bin/env bash
# Every public function is in tests/unit/public/test_refusals.c: what returns a status refuses something there,
# and every other one answers NULL.
set -euo pipefail
cd "$(dirname "$0")/.."
test=tests/unit/public/test_refusals.c

all=$(tr '\n' ' ' <<<"$(cat include/convoy/*.h)" | grep -oE 'CVY_API [a-z][a-z0-9_ *]*cvy_[a-z0-9_]+\(' | sed 's/ *($//')
[ "$(wc -l <<<"$all")" -gt 100 ] || { echo "include/convoy: found hardly any function"; exit 1; }
missing=0
while read -r declaration; do
    function=${declaration##*[ *]} function=${function%(}
    case $declaration in
    "CVY_API cvy_status "*) expected="REFUSED($function(" ;;
    *) expected="$function(" ;;
    esac
    grep -qF "$expected" "$test" && continue
    echo "$test lacks $expected...)"
    missing=1
done <<<"$all"
exit "$missing"
