#!/usr/bin/env bash
# OpenBLAS is loaded when CONVOY_GEMM=openblas asks for it, and not before.
. "$(dirname "$0")/harness.sh"

tiny=(--quiet --model mlp --data "$(digits 100 20)" --steps 2)

need_openblas() {
    CONVOY_GEMM=openblas run "$convoy" info --json
    [ "$status" -eq 0 ] || skip "no OpenBLAS installed"
}

case_without_being_asked_it_is_not_loaded() {
    ! ldd "$convoy" | grep -i blas || fail "linked with a BLAS"
    works info
    ! grep -q '^blas ' "$scratch/out" || fail "expected no BLAS in use"
    works info --json
    out_has '"blas":null'
    # a file that would end the program if it were loaded
    CONVOY_OPENBLAS=/dev/null works train "${tiny[@]}"
}

# Its kernels differ from core to core, and so do the last bits.
case_records_name_its_core() {
    need_openblas
    local core digest
    core=$(json_value core)
    CONVOY_GEMM=openblas works train "${tiny[@]}" --json
    equal gemm "$(json_value kernels)" "openblas/$core"
    works info model.safetensors --json
    out_has "\"openblas/$core\""
    [ "$(uname -m)" = x86_64 ] || return 0
    CONVOY_GEMM=openblas OPENBLAS_CORETYPE=Nehalem works train "${tiny[@]}" --json
    equal gemm "$(json_value kernels)" openblas/Nehalem
}

case_what_is_not_there_is_one_sentence() {
    export CONVOY_GEMM=openblas CONVOY_OPENBLAS=no/where.so
    refuses 2 'CONVOY_GEMM=openblas: no/where.so: cannot open shared object file' info
    refuses 2 'no/where.so: cannot open shared object file' train "${tiny[@]}"
    CONVOY_OPENBLAS=$(ldd "$convoy" | awk '$1 ~ /^libjansson/ { print $3 }')
    refuses 2 'without openblas_get_config, expected OpenBLAS; without CONVOY_GEMM convoy uses its own' info
}

# fake_openblas PARALLEL CONFIG: a library that says what OpenBLAS says about itself.
fake_openblas() {
    command -v gcc >/dev/null || skip "no gcc here"
    gcc -shared -fPIC -x c - -o "$PWD/fake.so" <<END
char *openblas_get_config(void) { return "OpenBLAS $2"; }
char *openblas_get_corename(void) { return "Prescott"; }
int openblas_get_parallel(void) { return $1; }
int openblas_get_num_threads(void) { return 1; }
void openblas_set_num_threads(int n) { (void)n; }
void cblas_sgemm(void) {}
END
    export CONVOY_GEMM=openblas CONVOY_OPENBLAS=$PWD/fake.so
}

# Two workers of 3 million products that a serial build did got 8,933 wrong ones.
case_builds_that_are_not_safe_are_refused() {
    fake_openblas 0 '0.3.21 SINGLE_THREADED'
    refuses 2 'fake.so: a serial build, whose products are wrong when several threads call it' info
    fake_openblas 2 '0.3.21 USE64BITINT USE_OPENMP'
    refuses 2 'fake.so: a build for 64-bit integers, expected 32-bit ones' info
    fake_openblas 1 '0.3.21 MAX_THREADS=128'
    works info --json
    equal workers "$(json_value workers_max)" 255
    equal core "$(json_value core)" Prescott
    out_has '"build":"pthread"'
    fake_openblas 1 '0.3.21' # does not say for how many threads it was built
    works info --json
    equal workers "$(json_value workers_max)" 49
}

# It maps 128 MiB for each thread, and tries for ever where it cannot.
case_little_address_space() {
    ! has_sanitizer || skip "a build with sanitizers"
    need_openblas
    export CONVOY_GEMM=openblas
    run bash -c 'ulimit -v 300000 && exec timeout 60 "$@"' bash "$convoy" train "${tiny[@]}"
    equal status "$status" 2
    expect_one_error 'the address space is limited too far (ulimit -v): OpenBLAS needs 384 MiB'
    run bash -c 'ulimit -v 700000 && exec timeout 60 "$@"' bash "$convoy" train "${tiny[@]}" --threads 40
    equal status "$status" 2
    expect_one_error '--threads: found 40, expected at most'
    run bash -c 'ulimit -v 700000 && exec timeout 60 "$@"' bash "$convoy" train "${tiny[@]}" --threads 1
    equal status "$status" 0
}

run_cases "$@"
