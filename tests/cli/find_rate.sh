#!/usr/bin/env bash
# convoy find-rate: what it prints and writes, and that threads change nothing.
. "$(dirname "$0")/harness.sh"

small=(--data "$(digits 400 1)" --model mlp --batch-size 32 --steps 60 --seeds 2)

case_prints_a_suggestion_with_its_reason() {
    works find-rate "${small[@]}"
    out_has '^  adam  *[0-9.e-]*  '
    out_has 'falls fastest'
    equal files "$(list_files)" ""
}

case_json_fits_its_schema() {
    works find-rate "${small[@]}" --optimizer sgd --optimizer fast=sgd:momentum=0.9 --json
    fits_schema find-rate
    grep -q '"name": *"fast"' "$scratch/out" || fail "no name"
}

case_threads_change_nothing() {
    local own='s/"seconds": *[0-9.e-]*//; s/"command_line".*"runs"/"runs"/' # of a run: seconds, command and date
    works find-rate "${small[@]}" --json --threads 1
    sed "$own" "$scratch/out" >one
    works find-rate "${small[@]}" --json --threads 3
    sed "$own" "$scratch/out" >three
    cmp -s one three || fail "results differ"
}

case_writes_a_report() {
    works find-rate "${small[@]}" --optimizer sgd --optimizer adam --report rates --quiet
    for file in report.html summary.json rates.csv; do
        [ -s "rates/$file" ] || fail "no $file"
    done
    if command -v gnuplot >/dev/null; then
        [ -s rates/find-rate.svg ] || fail "no figure"
        grep -q '<svg' rates/report.html || fail "no figure on the page"
        works find-rate "${small[@]}" --report rates --figures pdf --quiet
        [ -s rates/find-rate.pdf ] || fail "no PDF"
    fi
    works find-rate "${small[@]}" --report rates --quiet
    mkdir other && touch other/mine
    refuses 2 'holds something else' find-rate "${small[@]}" --report other
}

# A rate so large that nothing is learned: there is no suggestion, and that is said.
case_no_suggestion_is_said() {
    works find-rate "${small[@]}" --optimizer sgd --rates 1e3..1e6 --json
    grep -q '"suggested": *null' "$scratch/out" || fail "found a rate where there is none"
}

case_wrong_ranges_are_refused() {
    local range
    for range in 1 1..1 2..1 -1..1 0..1 1e-3..inf a..b 1..2x ''; do
        refuses 2 'LOW..HIGH' find-rate --rates="$range"
    done
    refuses 2 'steps' find-rate --steps 3
    refuses 2 'expected svg, pdf or png' find-rate --figures eps
    refuses 2 'adam' find-rate --optimizer adma
    refuses 2 'a trained model' find-rate --model m.safetensors
}

run_cases
