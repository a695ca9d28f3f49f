#!/usr/bin/env bash
# scripts/fuzz.sh [SECONDS [TARGET...]]: fuzzes every parser (tests/fuzz/) with libFuzzer under AddressSanitizer and
# UndefinedBehaviorSanitizer, all of them at once, each for SECONDS (60), as the preset `dev` builds them. Inputs that
# reach new code stay in build-dev/fuzz/corpus-TARGET for the next time; an input that crashes is kept in build-dev/fuzz/
# and named. Debian has libFuzzer in libclang-rt-14-dev.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seconds=${1:-60}
shift $(($# > 0))
targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then
    targets=(tests/fuzz/fuzz_*.c)
    targets=("${targets[@]#tests/fuzz/fuzz_}")
    targets=("${targets[@]%.c}")
fi

need_packages "${build_packages[@]}" clang-14 libclang-rt-14-dev libomp-14-dev libcriterion-dev llvm-14
step "build"
cmake --preset dev
cmake --build --preset dev --parallel "$(nproc)" --target "${targets[@]/#/fuzz_}"
out=build-dev/fuzz

# The timeout catches a hang; a large picture takes seconds on a machine that does much else.
fuzz() {
    local target=$1
    mkdir -p "$out/corpus-$target"
    build-dev/tests/fuzz/fuzz_"$target" -max_total_time="$seconds" -max_len=16384 -timeout=300 \
        -artifact_prefix="$out/$target-" -print_final_stats=1 -verbosity=0 \
        "$out/corpus-$target" "tests/fuzz/corpus/$target" >"$out/$target.log" 2>&1
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
    count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log")
    sum=$((sum + ${count:-0}))
    printf '%-12s %10s executions\n' "$target" "${count:-?}"
    [ "$status" -eq 0 ] || {
        findings=$((findings + 1))
        tail -n 40 "$out/$target.log"
        complain "$target: status $status; see $out/$target.log"
    }
done
step "$sum executions, ${#targets[@]} targets, $findings with a finding"
[ "$findings" -eq 0 ]
