#!/usr/bin/env bash
# SIGINT and SIGTERM during training: what was learnt is saved, the log is whole, the status tells.
. "$(dirname "$0")/harness.sh"

# Start a training that would never end, wait for the first line in its log, and send it a signal.
# Jobs get a process group of their own, since a shell has others ignore SIGINT.
stop_training() {
    local signal=$1 log=$2 waited=0
    shift 2
    set -m
    "$convoy" train --model mlp --data "$(digits 200 20)" --epochs 1000000 --log "$log" "$@" \
        >"$scratch/out" 2>"$scratch/err" </dev/null &
    local job=$!
    set +m
    until [ -e "$log" ] && [ "$(wc -l <"$log")" -ge 2 ]; do
        kill -0 $job 2>/dev/null || fail "ended before the signal"
        [ $((waited++)) -lt 1000 ] || { kill -KILL $job; fail "no epoch within 100 seconds"; }
        sleep 0.1
    done
    kill -"$signal" $job
    wait $job
    status=$?
}

expect_saved() {
    expect_one_error "model.safetensors: stopped after"
    equal files "$(ls -A | paste -sd ' ')" "$1${1:+ }model.safetensors"
    works evaluate model.safetensors --data "$(digits 20 20)"
}

case_sigint() {
    stop_training INT log.csv --quiet
    equal status "$status" 130
    out_has '^saved to model.safetensors$'
    ! grep -q 'test accuracy' "$scratch/out" || fail "a stopped run was tested"
    awk -F, 'NF != 9 || (NR > 1 && $1 != NR - 1) { exit 1 }' log.csv || fail "log.csv is not whole"
    expect_saved "log.config.json log.csv"
}

case_sigterm() {
    stop_training TERM log.jsonl --quiet --json
    equal status "$status" 143
    equal lines "$(wc -l <"$scratch/out")" 1
    out_has '"test":null,'
    out_has '"stopped":true,'
    out_has '"weights_sha256":"[0-9a-f]{64}","output":"model.safetensors"'
    ! grep -qvE '^\{"epoch":[0-9]+,.*\}$' log.jsonl || fail "log.jsonl is not whole"
    expect_saved "log.config.json log.jsonl"
}

# timeout(1) signals its child and then the child's group, so that the same signal comes twice.
case_a_signal_that_comes_twice_at_once() {
    run timeout -s INT 1 "$convoy" train --quiet --model mlp --data "$(digits 200 20)" --epochs 1000000
    equal status "$status" 124
    expect_saved ""
    rm model.safetensors
    run timeout -s TERM 1 "$convoy" train --quiet --model mlp --data "$(digits 200 20)" --epochs 1000000
    equal status "$status" 124
    expect_saved ""
}

case_an_ignored_signal_stays_ignored() {
    local epochs=200
    ! has_sanitizer || epochs=50
    # as `nohup convoy train` or a shell's background job has it
    (trap '' INT && exec "$convoy" train --quiet --model mlp --data "$(digits 200 20)" --epochs $epochs \
        --log log.csv) >"$scratch/out" 2>"$scratch/err" &
    local job=$!
    until [ -e log.csv ]; do
        kill -0 $job || fail "ended before the signal"
        sleep 0.02
    done
    kill -INT $job || fail "ended before the signal"
    wait $job
    status=$?
    equal status "$status" 0
    equal lines "$(wc -l <log.csv)" $((epochs + 1))
}

# start COMMAND...: in a process group of its own, so that it does not ignore SIGINT; $job is its number.
start() {
    set -m
    "$@" >"$scratch/out" 2>"$scratch/err" </dev/null &
    job=$!
    set +m
}

case_while_data_are_read() {
    mkfifo slow.csv
    start "$convoy" train --model mlp --data slow.csv
    sleep 0.3
    kill -TERM $job
    wait $job
    status=$?
    [ "$status" -eq 143 ] || [ "$status" -eq 1 ] || fail "expected 143"
    equal files "$(ls)" slow.csv
}

case_during_a_validation() {
    start "$convoy" train --model lenet5 --data "$(digits 64 20)" --validation-data "$(digits 60000 20)" \
        --epochs 1000 --checkpoint run --threads 1
    until grep -q 'images:' "$scratch/out"; do
        kill -0 $job || fail "ended early"
        sleep 0.05
    done
    sleep 0.2
    kill -INT $job
    wait $job
    status=$?
    equal status "$status" 130
    err_has '^to continue: convoy train .*--resume$'
}

# How long a first round of all points takes depends on the machine.
case_scale_keeps_what_it_measured() {
    local seconds
    for seconds in 1 4 16 60 240; do
        start "$convoy" scale --model mlp --data "$(digits 500 20)" --threads 1,2 --steps 20 --repeats 1000 \
            --report r --json
        sleep "$seconds"
        kill -INT $job
        wait $job
        status=$?
        equal status "$status" 130
        err_has 'stopped after [0-9]+ of 1000 repeats'
        [ ! -s "$scratch/out" ] || break
    done
    out_has '"points":\['
    [ -e r/report.html ] && [ -e r/summary.json ] || fail "no report"
}

# The first seed is over after 40 updates, the others never are.
case_find_rate_keeps_whole_runs() {
    local seconds
    for seconds in 1 4 16 60 240; do
        start "$convoy" find-rate --model mlp --data "$(digits 500 20)" --steps 40 --seeds 1000 --optimizer adam \
            --optimizer sgd --report r --json
        sleep "$seconds"
        kill -INT $job
        wait $job
        status=$?
        equal status "$status" 130
        [ ! -s "$scratch/out" ] || break
    done
    err_has 'stopped after [0-9]+ of 2000 runs, which it reports'
    out_has '"stopped":true'
    grep -q 'The test was stopped after [0-9]* of 2000 runs: only these are shown' r/report.html ||
        fail "the page does not say that it was stopped"
}

case_compare_keeps_its_runs() {
    start "$convoy" compare --model mlp --data "$(digits 500 20)" --optimizer sgd --optimizer adam --seeds 500 \
        --epochs 1 --cost-repeats 0 --report r --quiet --jobs 2
    until [ "$(ls r/runs 2>/dev/null | grep -c 'json$')" -ge 4 ]; do
        kill -0 $job || fail "ended early"
        sleep 0.05
    done
    mv "$scratch/err" "$scratch/first" # which the first study still writes to
    # nobody else may write there meanwhile
    run "$convoy" compare --model mlp --optimizer sgd --seeds 1 --report r
    equal "second study" "$status" 1
    err_has 'another run is writing its study there'
    kill -TERM $job
    wait $job
    equal status $? 143
    mv "$scratch/first" "$scratch/err"
    err_has 'resumes it, and with --seeds [0-9]+ it reports what is complete$'
    works compare --model mlp --data "$(digits 500 20)" --optimizer sgd --optimizer adam --seeds 1 \
        --epochs 1 --cost-repeats 0 --report r
    err_has '^2 of 2 runs were there already$'
    [ -s r/report.html ] || fail "no report of what is complete"
}

# The runs are all there, so there is a report, but the signal is not forgotten.
case_compare_is_stopped_while_it_measures_times() {
    local data=(--model mlp --data "$(digits 500 20)" --optimizer sgd --seeds 1 --epochs 1 --report r --quiet)
    works compare "${data[@]}" --cost-repeats 0
    start "$convoy" compare "${data[@]}" --cost-repeats 1000
    sleep 2
    kill -INT $job
    wait $job
    equal status $? 130
    err_has 'r: stopped before the times of updates were measured, which the report lacks'
    grep -q 'Times of updates were not measured' r/report.html || fail "no report without the times"
}

# stop_while_it_works COMMAND...: SIGINT after a moment, and nothing is left of the command.
stop_while_it_works() {
    local before
    before=$(ls -A)
    start "$convoy" "$@"
    sleep 0.3
    kill -INT $job 2>/dev/null || fail "$1: ended before the signal"
    wait $job
    equal "status of $1" $? 130
    equal "files after $1" "$(ls -A)" "$before"
}

case_every_command_ends_with_130_and_leaves_nothing() {
    works train --quiet --model mlp --data "$(digits 20 20)" --epochs 1
    stop_while_it_works evaluate model.safetensors --data "$(digits 20 1000000)" --threads 1
    stop_while_it_works data check "$(digits 1000000 20)"
    stop_while_it_works data convert "$(digits 1000000 20)" --to csv --output converted
    stop_while_it_works find-rate --data "$(digits 2000 1000000)" --threads 1
    stop_while_it_works data convert "$(digits 1000000 20)" --to npz --output converted.npz
}

# wait_for PATTERN: until a file of that name is there.
wait_for() {
    until compgen -G "$1" >/dev/null; do
        kill -0 $job 2>/dev/null || fail "ended before there was $1"
        sleep 0.02
    done
}

case_a_conversion_that_is_stopped_or_killed() {
    local signal count=30000
    ! has_sanitizer || count=6000
    for signal in INT KILL; do
        start "$convoy" data convert "$(digits $count 20)" --to folders --output converted --threads 1
        wait_for '.converted.*/train/0/*.png'
        kill -$signal $job
        wait $job
        equal status $? "$([ $signal = INT ] && echo 130 || echo 137)"
        [ ! -e converted ] || fail "converted is there"
        [ $signal = KILL ] || equal "files" "$(ls -A)" ""
    done
    [ -n "$(ls -A)" ] || fail "a killed process leaves its folder"
    works data convert "$(digits 20 20)" --to folders --output converted
    equal "files" "$(ls -A)" converted
}

# A gnuplot that interrupts the program which has started it.
case_stopped_while_gnuplot_draws() {
    mkdir bin temporary
    printf '#!/bin/sh\nkill -INT $PPID\n' >bin/gnuplot
    chmod +x bin/gnuplot
    PATH=$PWD/bin:$PATH TMPDIR=$PWD/temporary run "$convoy" info --learning-rate one_cycle:max_learning_rate=0.01 --plot rate.svg
    equal status "$status" 130
    expect_one_error 'convoy: stopped'
    equal files "$(list_files | paste -sd ' ')" 'bin bin/gnuplot temporary'
    PATH=$PWD/bin:$PATH run "$convoy" demo optimizers --report page --figures png
    equal status "$status" 130
    equal stderr "$(cat "$scratch/err")" 'convoy: stopped' # the page is there
    [ -e page/report.html ] || fail "page/report.html is not there"
}

case_a_second_signal_ends_at_once() {
    start "$convoy" train --model mnist-cnn --data "$(digits 20000 20)" --batch-size full --threads 1 --quiet \
        --epochs 100
    sleep 2
    kill -INT $job
    sleep 0.7
    kill -INT $job 2>/dev/null
    wait $job
    status=$?
    equal status "$status" 130
}

run_cases "$@"
