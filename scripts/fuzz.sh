#!/usr/bin/env bash
# scripts/fuzz.sh [SECONDS [TARGET...]]: fuzzes every parser (tests/fuzz/) with libFuzzer under AddressSanitizer and
# UndefinedBehaviorSanitizer, all of them at once, each for SECONDS (60), in build-fuzz/. Inputs that reach new
# code stay in build-fuzz/corpus-TARGET for the next time; an input that crashes is kept in build-fuzz/ and
# named. Debian has libFuzzer in libclang-rt-14-dev.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seconds=${1:-60}
shift $(($# > 0))
targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then
    targets=(tests/fuzz/fuzz_*.c)
    targets=("${targets[@]#tests/fuzz/fuzz_}")
    targets=("${targets[@]%.c}")
fi

need_packages "${build_packages[@]}" clang-14 libclang-rt-14-dev libomp-14-dev libcriterion-dev
step "build"
cmake -B build-fuzz -DCMAKE_C_COMPILER=clang-14 -DCMAKE_BUILD_TYPE=Debug -DCONVOY_GENERIC=ON \
    "-DCMAKE_C_FLAGS_DEBUG=-O1 -g" -DBUILD_TESTING=ON -DCONVOY_FUZZ=ON
cmake --build build-fuzz --parallel "$(nproc)" --target "${targets[@]/#/fuzz_}"

# The timeout catches a hang; a large picture takes seconds on a machine that does much else.
fuzz() {
    local target=$1
    mkdir -p "build-fuzz/corpus-$target"
    build-fuzz/tests/fuzz/fuzz_"$target" -max_total_time="$seconds" -max_len=16384 -timeout=300 \
        -artifact_prefix="build-fuzz/$target-" -print_final_stats=1 -verbosity=0 \
        "build-fuzz/corpus-$target" "tests/fuzz/corpus/$target" >"build-fuzz/$target.log" 2>&1
}

step "fuzz: ${targets[*]}, $seconds s"
declare -A jobs
for target in "${targets[@]}"; do
    fuzz "$target" &
    jobs[$target]=$!
done
sum=0 findings=0
for target in "${targets[@]}"; do
    status=0
    wait "${jobs[$target]}" || status=$?
    count=$(sed -n 's/^stat::number_of_executed_units: *//p' "build-fuzz/$target.log")
    sum=$((sum + ${count:-0}))
    printf '%-12s %10s executions\n' "$target" "${count:-?}"
    [ "$status" -eq 0 ] || {
        findings=$((findings + 1))
        tail -n 40 "build-fuzz/$target.log"
        complain "$target: status $status; see build-fuzz/$target.log"
    }
done
step "$sum executions, ${#targets[@]} targets, $findings with a finding"
[ "$findings" -eq 0 ]
