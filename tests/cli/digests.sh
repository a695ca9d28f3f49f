#!/usr/bin/env bash
# The weights that a command learns are the same bits with every instruction set, compiler and number of
# threads. A digest here changes only when the arithmetic is changed on purpose; the commit says so.
. "$(dirname "$0")/harness.sh"

# learns DIGEST INSTRUCTION-SET OPTIONS...
learns() {
    local digest=$1 isa=$2
    shift 2
    CONVOY_ISA=$isa run "$CONVOY_PROGRAM" info
    [ "$status" -ne 2 ] || return 0 # this processor lacks it
    CONVOY_ISA=$isa works train --data "$(digits 160 16)" --epochs 1 --json "$@"
    equal "digest with $isa, $*" "$(json_value weights_sha256)" "$digest"
    equal "instruction set" "$(json_value instructions)" "$isa"
}

lenet5=0ba99666478299d88f9583202855789ba7bb1ca9394a8ed21fd1fba862015ae4
cnn_bn=979a746143f62b9d96e5c48ef5fc6070374902a2d0665d527bffc9f58d5270db
fast=db106ff2451ab285398dfa1235652716d70dff13f1c2382a3349d60fb324cb37

case_lenet5_with_every_instruction_set() {
    for isa in avx512 avx2 generic; do
        learns $lenet5 $isa --model lenet5 --threads 1
    done
}

case_batch_normalization_with_every_instruction_set() {
    for isa in avx512 avx2 generic; do
        learns $cnn_bn $isa --model cnn-bn --threads 2
    done
}

# Its second convolution is computed by Winograd's algorithm.
case_winograd_with_every_instruction_set() {
    for isa in avx512 avx2 generic; do
        learns $fast $isa --model fast --threads 2
    done
    learns $fast avx2 --model fast --threads 5
}

case_threads_change_nothing() {
    for threads in 2 3 4 8; do
        learns $lenet5 avx2 --model lenet5 --threads $threads
    done
}

run_cases "$@"
