#!/usr/bin/env bash
# Makes calls of the C library fail, one run after the other, and looks at what is left: no crash, no claim of
# success without the result, and every file either as it was or whole.
#     faults.sh LIBRARY COUNT [SCENARIO...]    LIBRARY: tests/faults/fail.c; COUNT: how many calls of each kind
#                                              are tried, spread evenly, failing once or from then on in turn;
#                                              all: every call, both ways
# CONVOY_PROGRAM names the program. Prints a line per scenario and kind, and exits with 1 after a defect.
set -uo pipefail

library=$(realpath "$1") count=$2
shift 2
scenarios=("$@")
[ "${#scenarios[@]}" -gt 0 ] || scenarios=(train resume predict compare convert info)
convoy=$(realpath "${CONVOY_PROGRAM:?names the program to test}")
seven=$(realpath "$(dirname "$0")/../data/pictures/seven.png")
export LC_ALL=C OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
work=$(mktemp -d "${TMPDIR:-/tmp}/convoy-faults-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

tiny="--data digits:train=64,test=20 --quiet --threads 1"
"$convoy" train --model mlp $tiny --epochs 1 --seed 7 --output old.safetensors >/dev/null || exit 1
mkdir start
(cd start && "$convoy" train --model mlp $tiny --epochs 3 --batch-size 32 --checkpoint ck --checkpoint-every 1 \
    --steps 3 >/dev/null) || exit 1

# --- scenarios: what runs, in which folder, and what must hold afterwards ---

command_of() {
    case $1 in
    train) echo "train --model mlp $tiny --epochs 2 --batch-size 32 --output m.safetensors --log log.jsonl --json \
        --checkpoint ck --checkpoint-every 1 --callback csv_logger:filename=c.csv" ;;
    resume) echo "train --model mlp $tiny --epochs 3 --batch-size 32 --output m.safetensors --json \
        --checkpoint ck --checkpoint-every 1 --resume" ;;
    predict) echo "predict m.safetensors $seven --json --threads 1" ;;
    compare) echo "compare --model mlp --data digits:train=64,test=20 --optimizer sgd --optimizer adam --seeds 2 \
        --epochs 1 --cost-repeats 0 --report r --json --quiet --threads 1" ;;
    convert) echo "data convert digits:train=40,test=20 --output d" ;;
    info) echo "info m.safetensors --json" ;;
    esac
}

prepare() {
    rm -rf "$work/here"
    mkdir "$work/here"
    cd "$work/here"
    cp ../old.safetensors m.safetensors
    [ "$1" != resume ] || cp -r ../start/ck ck
}

# What a run that did its work leaves, without times.
result_of() {
    case $1 in
    train | resume) grep -oE '"weights_sha256":"[0-9a-f]*"' out ;;
    predict | info) cat out ;;
    compare) grep -oE '"optimizer": *"[^"]*"' r/summary.json | sort -u ;;
    convert) "$convoy" data info d --json | grep -oE '"sha256":"[0-9a-f]*"' ;;
    esac
}

# Whatever became of the run, what it left is of use.
check_rest() {
    local found
    found=$(find . -name '.convoy-*')
    [ -z "$found" ] || echo "left behind: $found"
    "$convoy" info m.safetensors --json >/dev/null 2>&1 || echo "m.safetensors is not whole"
    case $1 in
    train | resume)
        [ ! -e log.jsonl ] || [ -z "$(grep -vE '^\{.*\}$' log.jsonl)" ] || echo "log.jsonl has a broken line"
        # The line is the command's, with --resume. A line that a log lacks since then stays missing, and the
        # status says so.
        # shellcheck disable=SC2046
        "$convoy" $(command_of "$1") --resume >out 2>err || grep -q 'the log ends here (the model is saved)' err ||
            echo "cannot be resumed: $(tail -n 1 err)"
        [ "$(result_of "$1")" = "$expected" ] || echo "resumed, it learns something else"
        ;;
    compare)
        # shellcheck disable=SC2046
        "$convoy" $(command_of compare) >out 2>err || echo "the folder is of no use any more: $(tail -n 1 err)"
        [ "$(result_of compare)" = "$expected" ] || echo "the report lacks something"
        ;;
    convert)
        [ ! -e d ] || "$convoy" data info d --json >out 2>err || [ -z "$(ls d)" ] || echo "d is not whole"
        ;;
    esac
}

# try SCENARIO KIND NUMBER MODE: prints what is wrong.
try() {
    local status
    prepare "$1"
    # shellcheck disable=SC2046
    env LD_PRELOAD="$library" CONVOY_FAIL="$2" CONVOY_FAIL_AT="$3" CONVOY_FAIL_ON="$4" \
        timeout 60 "$convoy" $(command_of "$1") >out 2>err </dev/null
    status=$?
    if [ "$2" = malloc ] && [[ "$1 $status" =~ ^(predict|compare)\ (127|134|139)$ ]]; then
        : # libhwloc 2.9 and Leptonica 1.82 crash so, and ld.so gives up; these two commands call them
    elif [ "$status" -gt 2 ]; then
        echo "status $status: $(tail -n 1 err)"
    elif [ "$status" -eq 0 ] && [ "$(result_of "$1" 2>&1)" != "$expected" ]; then
        echo "status 0 without the result"
    elif [ "$status" -ne 0 ] && [ ! -s err ]; then
        echo "status $status without a word"
    fi
    check_rest "$1"
}

calls_of() {
    prepare "$1"
    # shellcheck disable=SC2046
    env LD_PRELOAD="$library" CONVOY_FAIL="$2" CONVOY_FAIL_AT=0 CONVOY_FAIL_LOG="$work/calls" \
        "$convoy" $(command_of "$1") >out 2>err </dev/null
    cat "$work/calls"
}

tried=0 bad=0
for scenario in "${scenarios[@]}"; do
    prepare "$scenario"
    # shellcheck disable=SC2046
    "$convoy" $(command_of "$scenario") >out 2>err </dev/null || { cat err; exit 1; }
    expected=$(result_of "$scenario")
    [ -n "$expected" ] || { echo "$scenario: no result without faults"; exit 1; }
    for kind in open read write fsync rename mmap close mkdir malloc; do
        calls=$(calls_of "$scenario" $kind)
        [ "$kind" != malloc ] || [ "$calls" -gt 0 ] || { echo "$library replaces no function"; exit 1; }
        number=1 step=1 here=0
        if [ "$count" != all ] && [ "$calls" -gt "$count" ]; then
            step=$(((calls + count - 1) / count)) number=$((step / 2 + 1))
        fi
        while [ "$number" -le "$calls" ]; do
            modes=(once on)
            [ "$count" = all ] || modes=("${modes[tried % 2]}")
            for mode in "${modes[@]}"; do
                problem=$(try "$scenario" $kind "$number" "$mode")
                tried=$((tried + 1)) here=$((here + 1))
                [ -z "$problem" ] || {
                    bad=$((bad + 1))
                    echo "$scenario: $kind $number $mode: $problem"
                }
            done
            number=$((number + step))
        done
        [ "$here" -eq 0 ] || echo "$scenario $kind: $here of $((2 * calls)) faults"
    done
done
echo "$tried faults, $bad defects"
[ "$bad" -eq 0 ]
