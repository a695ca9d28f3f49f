#!/usr/bin/env bash
# Makes calls of the C library fail, one run after the other, and looks at what is left: no crash, no claim of
# success without the result, and every file either as it was or whole.
#     faults.sh LIBRARY COUNT [SCENARIO...]    LIBRARY: tests/faults/fail.c; COUNT: how many calls of each kind
#                                              are tried, spread evenly, failing once or from then on in turn, or
#                                              with SIGKILL just before; all: every call, in all these ways
# CONVOY_PROGRAM names the program. A part of the whole is chosen by CONVOY_FAULT_KINDS ("malloc write"; files is SIGKILL),
# CONVOY_FAULT_MODES ("once on") and CONVOY_FAULT_CALLS ("1-2000"). Allocations that libhwloc, Leptonica and the
# loader make for themselves do not fail: the first two crash then, and the loader ends the process. Prints a line per
# scenario and kind, and exits with 1 after a defect.
set -uo pipefail
shopt -s globstar nullglob dotglob

library=$(realpath "$1") count=$2
shift 2
scenarios=("$@")
[ "${#scenarios[@]}" -gt 0 ] || scenarios=(train resume memory predict compare convert info)
read -ra kinds <<<"${CONVOY_FAULT_KINDS:-files open read write fsync rename mmap close mkdir malloc}"
IFS=- read -r first_call last_call <<<"${CONVOY_FAULT_CALLS:-1-999999999}"
read -ra all_modes <<<"${CONVOY_FAULT_MODES:-once on}"
convoy=$(realpath "${CONVOY_PROGRAM:?names the program to test}")
seven=$(realpath "$(dirname "$0")/../data/pictures/seven.png")
export LC_ALL=C OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
work=$(mktemp -d "${TMPDIR:-/tmp}/convoy-faults-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# A network and data so small that a run takes milliseconds.
cat >tiny.json <<'END'
{"class_name": "Sequential", "config": {"name": "tiny", "layers": [
  {"class_name": "InputLayer", "config": {"name": "input", "batch_shape": [null, 28, 28, 1]}},
  {"class_name": "MaxPooling2D", "config": {"name": "max_pooling2d", "pool_size": [4, 4]}},
  {"class_name": "Flatten", "config": {"name": "flatten"}},
  {"class_name": "Dense", "config": {"name": "dense", "units": 10, "activation": "softmax"}}]}}
END
model="--model $work/tiny.json"
tiny="$model --data digits:train=16,test=4 --quiet --threads 1"
"$convoy" train $tiny --epochs 1 --seed 7 --output old.safetensors >/dev/null || exit 1
mkdir start
(cd start && "$convoy" train $tiny --epochs 3 --batch-size 8 --checkpoint ck --checkpoint-every 1 \
    --steps 5 >/dev/null) || exit 1
"$convoy" data convert digits:train=40,test=20 --output idx >/dev/null || exit 1

# --- scenarios: what runs, in which folder, and what must hold afterwards ---

command_of() {
    case $1 in
    train) echo "train $tiny --epochs 1 --batch-size 16 --output m.safetensors --log log.jsonl --json \
        --checkpoint ck --checkpoint-every 1 --callback csv_logger:filename=c.csv" ;;
    resume) echo "train $tiny --epochs 3 --batch-size 8 --output m.safetensors --json \
        --checkpoint ck --checkpoint-every 1 --resume" ;;
    memory) echo "train $model --data $work/idx --memory 8K --quiet --threads 1 --epochs 1 --output m.safetensors \
        --json" ;;
    predict) echo "predict m.safetensors $seven --json --threads 1" ;;
    compare) echo "compare $model --data digits:train=16,test=4 --optimizer sgd --optimizer adam --seeds 2 \
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
    local text
    case $1 in
    train | resume | memory)
        text=$(<out)
        [[ "$text" =~ \"weights_sha256\":\"[0-9a-f]*\" ]] && echo "${BASH_REMATCH[0]}"
        ;;
    predict | info) cat out ;;
    compare) grep -oE '"optimizer": *"[^"]*"' r/summary.json | sort -u ;;
    convert) "$convoy" data info d --json | grep -oE '"sha256":"[0-9a-f]*"' ;;
    esac
}

# The model is the one that was there, the one that was to come, or another that can be read.
is_whole() {
    cmp -s m.safetensors ../old.safetensors || cmp -s m.safetensors ../new.safetensors ||
        "$convoy" info m.safetensors >/dev/null 2>&1
}

# A folder that cannot be listed, for lack of memory, is left for the next run, as everything is by SIGKILL.
check_nothing_left() {
    local found=("$@")
    [ "${#found[@]}" -eq 0 ] || echo "left behind: ${found[*]}"
}

# Whatever became of the run, what it left is of use.
check_rest() {
    is_whole || echo "m.safetensors is not whole"
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
    memory)
        # shellcheck disable=SC2046
        [ "$2" != kill ] || "$convoy" $(command_of memory) >out 2>err || echo "cannot run again: $(tail -n 1 err)"
        ;;
    compare)
        # shellcheck disable=SC2046
        "$convoy" $(command_of compare) >out 2>err || echo "the folder is of no use any more: $(tail -n 1 err)"
        [ "$(result_of compare)" = "$expected" ] || echo "the report lacks something"
        ;;
    convert)
        [ ! -e d ] || "$convoy" data info d --json >out 2>err || [ -z "$(ls d)" ] || echo "d is not whole"
        # shellcheck disable=SC2046
        [ "$2" = once ] || [ -e d ] || "$convoy" $(command_of convert) >out 2>err ||
            echo "cannot run again: $(tail -n 1 err)"
        ;;
    esac
}

# fail KIND NUMBER MODE COMMAND...: run the program with that fault; "calls failures" is in $work/calls.
fail() {
    local kind=$1 number=$2 mode=$3 skip=
    shift 3
    [ "$kind" != malloc ] || skip=libhwloc:liblept:ld-linux
    timeout 60 env LD_PRELOAD="$library" CONVOY_FAIL="$kind" CONVOY_FAIL_AT="$number" CONVOY_FAIL_ON="$mode" \
        CONVOY_FAIL_SKIP="$skip" CONVOY_FAIL_LOG="$work/calls" "$convoy" "$@" >out 2>err </dev/null
}

# try SCENARIO KIND NUMBER MODE: prints what is wrong.
try() {
    local status calls failures
    prepare "$1"
    : >"$work/calls"
    # shellcheck disable=SC2046
    { fail "$2" "$3" "$4" $(command_of "$1"); } 2>/dev/null
    status=$?
    read -r calls failures <"$work/calls" || failures=1 # it ended too early to write
    [ "$4" != kill ] || failures=1                      # what is there then is of gnuplot
    if [ "$4" = kill ]; then
        [ "$status" -eq 137 ] || echo "status $status instead of 137"
    elif [ "$status" -gt 2 ]; then
        echo "status $status: $(tail -n 1 err)"
    elif [ "$status" -eq 0 ] && [ "$(result_of "$1" 2>&1)" != "$expected" ]; then
        echo "status 0 without the result"
    elif [ "$status" -ne 0 ] && [ ! -s err ]; then
        echo "status $status without a word"
    fi
    [ "$4" = kill ] || check_nothing_left **/.convoy-*
    [ "$failures" -eq 0 ] || check_rest "$1" "$4"
    check_nothing_left **/.convoy-* .d.*
}

calls_of() {
    local calls failures
    prepare "$1"
    # shellcheck disable=SC2046
    fail "$2" 0 once $(command_of "$1")
    read -r calls failures <"$work/calls" && echo "$calls"
}

tried=0 bad=0
for scenario in "${scenarios[@]}"; do
    prepare "$scenario"
    # shellcheck disable=SC2046
    "$convoy" $(command_of "$scenario") >out 2>err </dev/null || { cat err; exit 1; }
    expected=$(result_of "$scenario")
    cp m.safetensors ../new.safetensors
    [ -n "$expected" ] || { echo "$scenario: no result without faults"; exit 1; }
    for kind in "${kinds[@]}"; do
        calls=$(calls_of "$scenario" $kind)
        [ "$kind" != malloc ] || [ "$calls" -gt 0 ] || { echo "$library replaces no function"; exit 1; }
        [ "$calls" -le "$last_call" ] || calls=$last_call
        number=$first_call step=1 here=0
        if [ "$count" != all ] && [ "$calls" -gt "$count" ]; then
            step=$(((calls + count - 1) / count)) number=$((step / 2 + 1))
        fi
        while [ "$number" -le "$calls" ]; do
            modes=("${all_modes[@]}")
            [ "$kind" != files ] || modes=(kill)
            [ "$count" = all ] || [ "$kind" = files ] || modes=("${all_modes[tried % ${#all_modes[@]}]}")
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
        [ "$here" -eq 0 ] || echo "$scenario $kind: $here faults of $calls calls"
    done
done

# The time of day is of no consequence: it goes back an hour at each look.
check_clock() {
    # shellcheck disable=SC2086
    "$convoy" train $tiny --epochs 2 --batch-size 8 --quiet --output whole.safetensors >/dev/null || return
    for limit in "--steps 3" "--resume"; do
        # shellcheck disable=SC2086
        env LD_PRELOAD="$library" CONVOY_CLOCK=-3600 "$convoy" train $tiny --epochs 2 --batch-size 8 \
            --checkpoint clock --checkpoint-every 1 --time-limit 10m $limit --output part.safetensors >out 2>err ||
            { cat err; return 1; }
    done
    cmp whole.safetensors part.safetensors
}
cd "$work"
check_clock || { bad=$((bad + 1)); echo "clock: differs"; }
echo "$tried faults, $bad defects"
[ "$bad" -eq 0 ]
