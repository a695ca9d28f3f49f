#!/usr/bin/env bash
# Static analysis: gcc's analyzer, cppcheck and clang-tidy over src/, as far as they are installed. Prints what
# they find that is not explained in scripts/analyze-accepted.txt, and exits with 1 then.
#     scripts/analyze.sh [FILE...]
set -uo pipefail
cd "$(dirname "$0")/.."
cmake -B build-analyze -DCMAKE_BUILD_TYPE=Release -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null || exit 1
cmake --build build-analyze --target convoy_build_info >/dev/null 2>&1
files=("$@")
[ "${#files[@]}" -gt 0 ] || mapfile -t files < <(find src -name '*.c' | sort)
include=(-Iinclude -Isrc -isystem /usr/include/stb -std=gnu17 -D_GNU_SOURCE)
accepted=scripts/analyze-accepted.txt
found=$(mktemp)
trap 'rm -f "$found"' EXIT

# one process a core
each() {
    printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" "$@"
}

each gcc -fanalyzer -O1 -fopenmp -DCVY_ISA=generic "${include[@]}" -c -o /dev/null 2>&1 |
    grep -E 'warning: .*\[-Wanalyzer' | sed "s|^|gcc: |" >>"$found"
if command -v cppcheck >/dev/null; then
    cppcheck --quiet -j "$(nproc)" --enable=warning,portability --inline-suppr --std=c11 --template='cppcheck: {file}:{line}: {id}: {message}' \
        -Iinclude -Isrc "${files[@]}" 2>>"$found" >/dev/null
fi
if command -v clang-tidy-14 >/dev/null; then
    each clang-tidy-14 -quiet -p build-analyze --checks='-*,clang-analyzer-*,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,-bugprone-reserved-identifier,-clang-analyzer-security.insecureAPI.*,-bugprone-macro-parentheses,-bugprone-branch-clone,-bugprone-implicit-widening-of-multiplication-result' \
        2>/dev/null | grep -E 'warning:' | sed "s|^.*/src/|src/|; s|^|clang-tidy: |" >>"$found"
fi
# accepted findings are named without line numbers, which change
left=$(sort -u "$found" | sed -E 's/^([^:]*: [^:]*)(:[0-9]+)+(: .*)$/\1\3\t&/' |
    grep -vFf <(grep -v '^#' "$accepted" | cut -f1) | cut -f2)
echo "$(wc -l <"$found") findings, $(printf '%s' "$left" | grep -c .) of them not explained"
[ -z "$left" ] || { echo "$left"; exit 1; }
