#!/usr/bin/env bash
# Builds the programs of examples/ against the shared library $1, as C17 and C++17 with the compilers there
# are, warnings being errors, and runs them. Compiler flags follow.
set -euo pipefail

library=$1 flags=("${@:2}")
source=$(dirname "$0")/.. scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export LD_LIBRARY_PATH=${library%/*}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

strict=(-Wall -Wextra -Wpedantic -Werror -I"$source/include")
# build COMPILER STANDARD FILE: what was built is $scratch/NAME.
build() {
    local name=${3%.*}
    "$1" "-std=$2" "${strict[@]}" "${flags[@]}" "$source/examples/$3" "$library" -lm -o "$scratch/$name"
}

# run NAME ARGUMENTS: its output must hold the pattern $expected.
run() {
    local output
    output=$("$scratch/$1" "${@:2}")
    grep -qE "$expected" <<<"$output" || { echo "$1 printed:"; echo "$output"; echo "expected: $expected"; exit 1; }
}

count=0
for pair in gcc:g++ clang-14:clang++-14 clang:clang++; do
    c=${pair%:*} cxx=${pair#*:}
    command -v "$c" >/dev/null && command -v "$cxx" >/dev/null || continue
    [ "$c" != clang ] || ! command -v clang-14 >/dev/null || continue
    # a sanitizer's run-time library comes with one compiler only
    [ ${#flags[@]} -eq 0 ] || [ "$c" = gcc ] || continue
    for file in train_from_arrays.c own_callback.c load_and_classify.c; do
        build "$c" c17 "$file"
    done
    build "$cxx" c++17 define_network.cpp
    expected='bars: accuracy 1\.000 on 100 test images' run train_from_arrays
    expected='stopped after [0-9]+ epochs' run own_callback "$scratch/model.safetensors"
    expected='image 9 is a .: classified as .' run load_and_classify "$scratch/model.safetensors"
    expected='digits/bias: 10 values' run define_network
    count=$((count + 1))
    echo "$c and $cxx: four programs built and run"
done
[ "$count" -gt 0 ] || { echo "skipped: no pair of C and C++ compilers"; exit 77; }
