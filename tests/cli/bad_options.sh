#!/usr/bin/env bash
# Values that no option takes: status 2 before anything is read, made or written.
. "$(dirname "$0")/harness.sh"

case_counts() {
    refuses 2 '--epochs: found "0", expected a whole number from 1' train --epochs 0
    refuses 2 '--epochs: found "-1"' train --epochs -1
    refuses 2 '--epochs: found "1.5"' train --epochs 1.5
    refuses 2 '--epochs: found "99999999999999999999"' train --epochs 99999999999999999999
    refuses 2 '--epochs: found "five"' train --epochs five
    refuses 2 '--epochs: found ""' train --epochs ""
    refuses 2 '--epochs: found "3 "' train --epochs "3 "
    refuses 2 '--steps: found "-1"' train --steps -1
    refuses 2 '--limit: found "1e99"' train --limit 1e99
}

case_batch_size() {
    refuses 2 '--batch-size: found "-3"' train --batch-size -3
    refuses 2 '--batch-size: found "0"' train --batch-size 0
    refuses 2 '--batch-size: found "half"' train --batch-size half
}

case_threads_and_seed() {
    refuses 2 '--threads: found "0", expected a whole number from 1 to 1024' train --threads 0
    refuses 2 '--threads: found "1025"' info --threads 1025
    refuses 2 '--threads: found "-1"' evaluate m.safetensors --threads -1
    refuses 2 '--seed: found "-1"' train --seed -1
    refuses 2 '--seed: found "0x10"' train --seed 0x10
}

# More workers than OpenBLAS has buffers for would crash it.
case_more_workers_than_matrix_products_serve() {
    local most above
    export CONVOY_GEMM=openblas
    run "$convoy" info --json
    [ "$status" -eq 0 ] || skip "no OpenBLAS installed"
    most=$(json_value workers_max)
    [ "$most" -lt 1024 ] || skip "OpenBLAS serves any number here"
    above=$((most + 1))
    refuses 2 "--threads: found $above, expected at most $most, as many as openblas has buffers for here" \
        train --threads $above
    refuses 2 "--threads: found $above" evaluate m.safetensors --threads $above
    refuses 2 "--threads: found 1024" predict m.safetensors x.png --threads 1024
    refuses 2 "--threads: found $above" scale --threads 1,$above
    refuses 2 "--jobs: found $above" compare --jobs $above
    OMP_NUM_THREADS=1000 works info --json
    out_has "\"threads\":\{\"chosen\":$most,"
    CONVOY_GEMM=reference works info --threads $above
}

case_learning_rate() {
    refuses 2 'learning_rate: found "nan"' train --learning-rate nan
    refuses 2 'learning_rate: found "inf"' train --learning-rate inf
    refuses 2 'learning_rate: found "-0.1"' train --learning-rate -0.1
    refuses 2 'learning_rate: found "1e999"' train --learning-rate 1e999
    refuses 2 'learning_rate: found "0.1x"' train --learning-rate 0.1x
    refuses 2 'learning rate' train --learning-rate 0.1,0.2
    refuses 2 'learning_rate: found ":"' train --learning-rate :
    refuses 2 'cosine' train --learning-rate cosine
    refuses 2 'decay_steps is missing' train \
        --learning-rate exponential_decay:initial_learning_rate=0.1,decay_rate=0.5
    refuses 2 'decay_steps: found "0"' train \
        --learning-rate exponential_decay:initial_learning_rate=0.1,decay_steps=0,decay_rate=0.5
}

case_optimizer() {
    refuses 2 'momentum: found "2"' train --optimizer sgd:momentum=2
    refuses 2 'momentum is given twice' train --optimizer sgd:momentum=0.5,momentum=0.5
    refuses 2 'expected KEY=VALUE' train --optimizer sgd:momentum
    refuses 2 'nesterov: found "maybe"' train --optimizer sgd:nesterov=maybe
    refuses 2 '--optimizer: found "", expected --optimizer SPEC' train --optimizer ""
    refuses 2 'beta_1: found "1", expected a number in [0, 1)' train --optimizer adam:beta_1=1
    refuses 2 'optimizer adam: clipvalue: found 2 beside clipnorm=0, expected at most one' \
        train --optimizer adam:clipnorm=0,clipvalue=2
    refuses 2 'gradient_accumulation_steps: found "1"' \
        train --optimizer lion:gradient_accumulation_steps=1
    refuses 2 'optimizer muon: exclude_layers: found "[out(]"' \
        train --optimizer 'muon:exclude_layers=[out(]'
    refuses 2 'weight_decay: found "none"' train --optimizer adamw:weight_decay=none
}

case_other_values() {
    refuses 2 '--validation-split: found "1"' train --validation-split 1
    refuses 2 '--validation-split: found "-0.1"' train --validation-split -0.1
    refuses 2 '--json: found "perhaps"' info --json=perhaps
    refuses 2 'train: found "0"' train --data digits:train=0
    refuses 2 'train: found "-5"' train --data digits:train=-5
    refuses 2 'unknown setting "tran"' train --data digits:tran=5
    refuses 1 'no images are left to train on' train --quiet --data "$(digits 1 1)" --validation-split 0.9
}

case_options_and_operands_that_are_not_there() {
    refuses 2 '--frobnicate: unknown option' train --frobnicate
    refuses 2 '-x: unknown option' train -x
    refuses 2 '-epochs: unknown option' train -epochs 3
    refuses 2 'digits: one operand too many, expected none' train digits
    refuses 2 'b: one operand too many' info a b
}

# Bytes that move a terminal's cursor do not reach it by way of a sentence.
case_control_bytes() {
    refuses 2 'a\x1b[31mb' train --epochs "$(printf 'a\033[31mb')"
    refuses 1 'a\x1b[31mb' train --data "$(printf 'a\033[31mb')"
    refuses 2 'unknown command' "$(printf 'a\033[31mb')"
}

case_scale() {
    local list
    for list in 0 -1 1,,2 1,2, ,1 a 1.5 '1 2' 2000 99999999999999999999 '[1;2]'; do
        refuses 2 "--threads: found \"$list\", expected whole numbers from 1 to 1024" \
            scale "--threads=$list"
    done
    refuses 2 '--threads: found "", expected --threads LIST' scale --threads=
    refuses 2 '--mode: found "both"' scale --mode both
    refuses 2 '--bind: found "core"' scale --bind core
    refuses 2 '--repeats: found "0"' scale --repeats 0
    refuses 2 '--batch-size: found "0"' scale --batch-size 0
    refuses 2 'unknown name "adm"' scale --optimizer adm
    refuses 2 'report: found ""' scale --report ''
    refuses 2 'batch_size: 100 images an update with 1 thread, but digits has 20' \
        scale --data "$(digits 20 1)" --batch-size 100 --threads 1
    refuses 2 'batch_size: 40 images an update with 4 threads, but digits has 20' \
        scale --data "$(digits 20 1)" --batch-size 10 --threads 2,4 --mode weak
    refuses 1 'nowhere/report: cannot make the folder: No such file' scale --report nowhere/report
    : >file
    refuses 2 'file: Not a directory' scale --report file
    refuses 1 'nowhere' scale --data nowhere
    refuses 1 'nowhere.json' scale --model nowhere.json
}

case_very_long_words() {
    local long
    long=$(head -c 5000 /dev/zero | tr '\0' a)
    refuses 2 'unknown option' train "--$long"
    refuses 2 '--epochs: found "aaaa' train --epochs "$long"
    refuses 2 'unknown command' "$long"
    refuses 1 'aaaa' train --data "$long"
    refuses 1 'aaaa' train --output "$long"
    refuses 2 'optimizer: unknown name "aaaa' train --optimizer "$long"
    refuses 2 'learning' train --learning-rate "$long"
    refuses 2 'learning' train --learning-rate "1$long"
}

run_cases "$@"
