#!/usr/bin/env bash
# The program around the commands: help, version, hints for misspelt words, output that goes nowhere.
. "$(dirname "$0")/harness.sh"

commands="train evaluate predict compare data info"

case_version() {
    works --version
    equal version "$(cat "$scratch/out")" \
        "convoy $(sed -nE 's/^#define CVY_VERSION_(MAJOR|MINOR|PATCH) +([0-9]+)$/\2/p' \
            "$tests/../include/convoy/convoy.h" | paste -sd .)"
    err_is_empty
}

case_help() {
    for words in --help -h help; do
        works $words
        err_is_empty
        out_has '^Usage: convoy COMMAND \[OPTIONS\] \[FILES\]$'
        out_has '^Exit status: 0 done, 1 the work failed, 2 the command line is wrong,$'
        for command in $commands; do out_has "^  $command "; done
    done
}

case_help_of_a_command() {
    for command in $commands; do
        works "$command" --help
        err_is_empty
        out_has "^Usage: convoy $command"
        out_has '^  --threads N '
        cp "$scratch/out" first
        works help "$command"
        same_files "$scratch/out" first
        works "$command" -h
        same_files "$scratch/out" first
    done
    equal "widest line" "$(works train --help && awk 'length > 100' "$scratch/out" | wc -l)" 0
}

case_help_comes_before_complaints() {
    works predict --help # no model, no picture
    works train --epochs 3 --help --json
    out_has '^Usage: convoy train'
}

case_nothing_asked() {
    run "$convoy"
    equal status "$status" 2
    [ ! -s "$scratch/out" ] || fail "expected the help on stderr"
    err_has '^Usage: '
}

case_misspelt_words_get_a_hint() {
    refuses 2 'trian: unknown command; did you mean train?' trian
    refuses 2 'evalute: unknown command; did you mean evaluate?' evalute x
    refuses 2 'xyzzy: unknown command; see convoy --help' xyzzy
    refuses 2 'xyzzy: unknown command' help xyzzy
    refuses 2 '--versoin: unknown option before the command; did you mean --version?' --versoin
    refuses 2 '--epoch: unknown option; did you mean --epochs?' train --epoch 3
    refuses 2 '--lerning-rate: unknown option; did you mean --learning-rate?' train --lerning-rate=1
    refuses 2 '--frobnicate: unknown option; see --help' train --frobnicate
    refuses 2 'unknown name "adm"; did you mean "adam"?' train --optimizer adm
    refuses 2 'unknown setting "beta1"; did you mean "beta_1"?' train --optimizer adam:beta1=0.5
    refuses 1 'Did you mean digits?' train --data digts
    refuses 1 'lenet: no built-in model; did you mean "lenet5"?' train --model lenet
}

case_both_ways_to_write_an_option() {
    local rate=cosine_decay:initial_learning_rate=0.5,decay_steps=4
    works info --learning-rate=$rate --steps=1
    equal rate "$(sed 1d "$scratch/out" | tr -s ' #' ' ')" " 0 0.5 "
    works info --learning_rate $rate --steps 2 --steps 1
    equal rate "$(sed 1d "$scratch/out" | tr -s ' #' ' ')" " 0 0.5 "
    works info --learning-rate=$rate --steps=1 --json=false
    equal rate "$(sed 1d "$scratch/out" | tr -s ' #' ' ')" " 0 0.5 "
    refuses 2 '--steps: its value is missing' info --steps
    refuses 2 '--steps: its value is missing' info --steps --json
}

case_json_is_one_line_and_nothing_else() {
    make_model m.safetensors
    for words in "info" "info lenet5" "data info $(digits 20 10)" \
        "train --quiet --data $(digits 20 10) --epochs 1" \
        "evaluate m.safetensors --data $(digits 20 10)" \
        "predict m.safetensors $tests/data/pictures/seven.png"; do
        # shellcheck disable=SC2086
        works $words --json
        equal "lines of $words" "$(wc -l <"$scratch/out")" 1
        out_has '^\{"command":"[a-z]+",.*\}$'
        err_is_empty
    done
}

case_variables_are_checked() {
    run env CONVOY_MPI=bogus "$convoy" train
    equal status "$status" 2
    expect_one_error 'CONVOY_MPI: found "bogus", expected on or off'
}

run_cases "$@"
