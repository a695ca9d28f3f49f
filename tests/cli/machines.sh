#!/usr/bin/env bash
# Small and old machines: little address space, processors without AVX2 or FMA.
. "$(dirname "$0")/harness.sh"

# AddressSanitizer reserves terabytes, and does not run under an emulator.
need_plain_build() {
    ! has_sanitizer || skip "a build with sanitizers"
}

# within_memory KIB ARGUMENTS...: convoy with them ends well in that much address space.
within_memory() {
    local kib=$1
    shift
    run bash -c 'ulimit -v "$1" && shift && exec timeout 200 "$@"' bash "$kib" "$convoy" "$@"
    [ "$status" -eq 0 ] || fail "convoy $* in $kib KiB of address space: expected status 0"
}

case_help_in_64_megabytes() {
    need_plain_build
    within_memory 64000 --help
    within_memory 64000 train --help
    within_memory 64000 --version
}

case_default_training_in_300_megabytes() {
    need_plain_build
    within_memory 300000 train --epochs 1
    within_memory 300000 train --epochs 1 --data "$(digits 500 100)" --threads 16
}

# on_processor CPU ARGUMENTS...: convoy with them ends well on a processor that qemu emulates. What
# qemu says of features that it does not emulate is left out.
on_processor() {
    run qemu-x86_64 -cpu "$1" "$convoy" "${@:2}"
    sed -i '/^qemu-x86_64: warning: /d' "$scratch/err"
    [ "$status" -eq 0 ] || fail "convoy ${*:2} on $1: expected status 0"
}

# Haswell without FMA: virtual machines are configured like that. qemu64 has SSE3, Nehalem SSE4.2.
case_processors_without_fma() {
    need_plain_build
    command -v qemu-x86_64 >/dev/null && [ "$(uname -m)" = x86_64 ] || skip "no qemu-x86_64 here"
    local cpu digest=
    for cpu in Haswell,-fma qemu64 Nehalem; do
        on_processor $cpu --help
        on_processor $cpu info
        out_has '^instructions  generic$'
        out_has '^products      generic: the best one that runs here$'
        on_processor $cpu train --quiet --data "$(digits 32 10)" --batch-size 16 --steps 2 --threads 2 --json
        [ -n "$digest" ] || digest=$(json_value weights_sha256)
        equal "digest on $cpu" "$(json_value weights_sha256)" "$digest"
    done
    CONVOY_ISA=generic works train --quiet --data "$(digits 32 10)" --batch-size 16 --steps 2 --threads 2 --json
    equal "digest here" "$(json_value weights_sha256)" "$digest"
}

# OpenBLAS 0.3.21 takes Haswell's kernels there, which need FMA.
case_openblas_that_the_processor_cannot_execute() {
    need_plain_build
    command -v qemu-x86_64 >/dev/null && [ "$(uname -m)" = x86_64 ] || skip "no qemu-x86_64 here"
    CONVOY_GEMM=openblas run "$convoy" info
    [ "$status" -eq 0 ] || skip "no OpenBLAS installed"
    CONVOY_GEMM=openblas OPENBLAS_CORETYPE=Haswell run qemu-x86_64 -cpu Nehalem "$convoy" info
    sed -i '/^qemu-x86_64: warning: /d' "$scratch/err"
    equal status "$status" 2
    expect_one_error 'it chose its kernels for Haswell, which this processor cannot execute'
}

run_cases "$@"
