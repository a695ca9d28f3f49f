#!/usr/bin/env bash
# scripts/test.sh [PRESET...]: every test. Installs what the tests need (apt on Debian and Ubuntu), then builds and
# tests with gcc, and with clang under AddressSanitizer and UndefinedBehaviorSanitizer, and fuzzes every parser; or builds
# and tests the named ones of CMakePresets.json. The last line is the sum over all: "N passed, N failed", and
# ", N skipped" where there are any.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

passed=0 failed=0 skipped=0

# How many tests of build folder $1 passed, failed and were skipped: the cases of each Criterion
# program, which it leaves as TAP, and one for any other test. A program that ended badly counts as a
# failure even where no case of it does.
count_results() {
    awk -v results="$1/tests/results" '
        function count_cases(tap,    line) {
            while ((getline line < tap) > 0) {
                if (line ~ /^ok .*# SKIP/) left++
                else if (line ~ /^ok /) good++
                else if (line ~ /^not ok /) bad++
            }
        }
        /<testcase / {
            match($0, / name="[^"]*"/); name = substr($0, RSTART + 7, RLENGTH - 8)
            ended = $0 ~ / status="run"/ ? "well" : "badly"
        }
        /<skipped message="SKIP_RETURN_CODE/ { ended = "skipped" }
        /<\/testcase>/ {
            good = bad = left = 0
            count_cases(results "/" name ".tap")
            if (ended == "badly" && bad == 0) bad = 1
            if (good + bad + left == 0) { good = ended == "well"; left = ended == "skipped" }
            passed += good; failed += bad; skipped += left
        }
        END { print passed + 0, failed + 0, skipped + 0 }' "$1/junit.xml"
}

in_words() {
    printf '%d passed, %d failed' "$1" "$2"
    [ "$3" -eq 0 ] || printf ', %d skipped' "$3"
    printf '\n'
}

# Builds and tests one of CMakePresets.json; a build that fails counts as one failed test.
run_preset() {
    local preset=$1 folder=build-$1 count status=0
    step "$preset: build"
    cmake --preset "$preset" && cmake --build --preset "$preset" --parallel "$(nproc)" || status=$?
    if [ "$status" -ne 0 ]; then
        complain "$preset: does not build"
        failed=$((failed + 1))
        return
    fi

    step "$preset: test"
    rm -f "$folder/junit.xml" "$folder"/tests/results/*
    # two to a processor: tests wait for disks, signals, other processes, and the leak sanitizer for nothing
    ctest --preset "$preset" --parallel $((2 * $(nproc))) --output-junit junit.xml || status=$?
    read -ra count < <(count_results "$folder")
    [ "$status" -eq 0 ] || [ "${count[1]}" -gt 0 ] || count[1]=1
    printf '\n%s: %s\n' "$preset" "$(in_words "${count[@]}")"
    passed=$((passed + count[0])) failed=$((failed + count[1])) skipped=$((skipped + count[2]))
}

# A minute of scripts/fuzz.sh, all targets at once: one test.
run_fuzzers() {
    if scripts/fuzz.sh 60; then
        passed=$((passed + 1))
    else
        complain "fuzzing failed"
        failed=$((failed + 1))
    fi
}

# Ubuntu has a browser only as a snap, which need not run here: there the tests of pages may be skipped.
browser=()
! grep -qsx 'ID=debian' /etc/os-release || browser=(chromium)
need_packages "${build_packages[@]}" g++ libcriterion-dev clang-14 libomp-14-dev clang-format-14 libclang-rt-14-dev \
    fish gnuplot-nox libc6-dbg libopenblas0-openmp libopenmpi-dev libudev-dev llvm-14 openmpi-bin qemu-user zsh "${browser[@]}"
if [ $# -gt 0 ]; then
    for preset in "$@"; do
        run_preset "$preset"
    done
else
    run_preset gcc
    run_preset dev
    run_fuzzers
fi

step "sum"
trap - EXIT
in_words "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
