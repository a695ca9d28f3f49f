#!/usr/bin/env bash
# scripts/fuzz.sh [SECONDS [TARGET...]]: fuzzes readers of foreign files with libFuzzer under AddressSanitizer
# and UndefinedBehaviorSanitizer, each for so long (60), in build-fuzz/. Without targets: those of data sets
# and pictures. Inputs that reach new code stay in build-fuzz/corpus-TARGET for the next time; one that
# crashes ends the script and is named. Debian has libFuzzer in libclang-rt-14-dev.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seconds=${1:-60}
shift $(($# > 0))
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || targets=(csv npz exif pnm picture)

need_packages "${build_packages[@]}" clang-14 libclang-rt-14-dev libomp-14-dev libcriterion-dev
step "build"
cmake -B build-fuzz -DCMAKE_C_COMPILER=clang-14 -DCMAKE_BUILD_TYPE=Debug \
    "-DCMAKE_C_FLAGS_DEBUG=-O1 -g" -DBUILD_TESTING=ON -DCONVOY_FUZZ=ON
cmake --build build-fuzz --parallel "$(nproc)" --target "${targets[@]/#/fuzz_}"

for target in "${targets[@]}"; do
    step "fuzz_$target, $seconds s"
    mkdir -p "build-fuzz/corpus-$target"
    build-fuzz/tests/fuzz/fuzz_"$target" -max_total_time="$seconds" -max_len=16384 -timeout=25 \
        -artifact_prefix="build-fuzz/$target-" -print_final_stats=1 -verbosity=0 \
        "build-fuzz/corpus-$target" "tests/fuzz/corpus/$target" 2>&1 |
        grep -v '^stat::\(new_units\|average\|peak\)'
done
step "${#targets[@]} targets without a finding"
