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
    equal files "$(ls -A | paste -sd ' ')" "$1 model.safetensors"
    works evaluate model.safetensors --data "$(digits 20 20)"
}

case_sigint() {
    stop_training INT log.csv --quiet
    equal status "$status" 130
    out_has '^saved to model.safetensors$'
    ! grep -q 'test accuracy' "$scratch/out" || fail "a stopped run was tested"
    awk -F, 'NF != 9 || (NR > 1 && $1 != NR - 1) { exit 1 }' log.csv || fail "log.csv is not whole"
    expect_saved log.csv
}

case_sigterm() {
    stop_training TERM log.jsonl --quiet --json
    equal status "$status" 143
    equal lines "$(wc -l <"$scratch/out")" 1
    out_has '"test":null,'
    out_has '"stopped":true,'
    out_has '"weights_sha256":"[0-9a-f]{64}","output":"model.safetensors"'
    ! grep -qvE '^\{"epoch":[0-9]+,.*\}$' log.jsonl || fail "log.jsonl is not whole"
    expect_saved log.jsonl
}

case_an_ignored_signal_stays_ignored() {
    # as `nohup convoy train` or a shell's background job has it
    (trap '' INT && exec "$convoy" train --quiet --model mlp --data "$(digits 200 20)" --epochs 200 \
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
    equal lines "$(wc -l <log.csv)" 201
}

run_cases "$@"
