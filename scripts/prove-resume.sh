#!/usr/bin/env bash
# Proves that an interrupted training continues as if nothing had happened: trains, kills the run with
# SIGKILL at random moments (every fourth time with SIGTERM), resumes it with another number of threads, and
# compares weights, log, callback files and model with those of a run that was never interrupted.
#     scripts/prove-resume.sh [KILLS [PROGRAM]]        200 kills of build-gcc/convoy
# Prints a line per network, and "N of N" at the end. CONVOY_SEED chooses other moments.
set -euo pipefail
cd "$(dirname "$0")/.."
kills=${1:-200}
convoy=$(realpath "${2:-build-gcc/convoy}")
RANDOM=${CONVOY_SEED:-1}
export OMP_WAIT_POLICY=passive LC_ALL=C
work=$(mktemp -d "${TMPDIR:-/tmp}/convoy-resume-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# Convolution, dropout, dense: small, so that killing takes longer than training.
cat >dropout.json <<'END'
{"class_name": "Sequential", "config": {"name": "dropout", "layers": [
  {"class_name": "InputLayer", "config": {"name": "input", "batch_shape": [null, 28, 28, 1]}},
  {"class_name": "Conv2D", "config": {"name": "conv2d", "filters": 8, "kernel_size": [5, 5], "strides": [2, 2],
    "activation": "relu"}},
  {"class_name": "Dropout", "config": {"name": "dropout", "rate": 0.25}},
  {"class_name": "Flatten", "config": {"name": "flatten"}},
  {"class_name": "Dense", "config": {"name": "dense", "units": 10, "activation": "softmax"}}]}}
END

read -ra networks <<<"${CONVOY_NETWORKS:-lenet5 cnn-bn augmented}"
small=(--data digits:train=640,test=64 --validation-split 0.2 --batch-size 32)
declare -A arguments=(
    [lenet5]="--model lenet5 --epochs 6 --optimizer adam"
    [cnn-bn]="--model cnn-bn --epochs 3 --optimizer sgd:momentum=0.9,nesterov=true --learning-rate
        cosine_decay:initial_learning_rate=0.05,decay_steps=48 --metrics auc"
    [augmented]="--model $work/dropout.json --epochs 20 --metrics auc
        --optimizer adam:use_ema=true,ema_momentum=0.9,gradient_accumulation_steps=3
        --augment random_rotation:factor=0.05 --augment random_translation:height_factor=0.1,width_factor=0.1
        --callback reduce_lr_on_plateau:patience=0,factor=0.5,monitor=val_loss,min_delta=0.05
        --callback early_stopping:patience=2,restore_best_weights=true,monitor=val_loss,min_delta=0.2
        --callback model_checkpoint:filepath=saved-{epoch:02d}.safetensors,save_best_only=true
        --callback csv_logger:filename=callback.csv"
)

# train NETWORK OPTIONS...: in the current folder
train() {
    local network=$1
    shift
    # shellcheck disable=SC2086
    "$convoy" train --quiet ${arguments[$network]} "${small[@]}" --log log.csv "$@"
}

# What a run leaves, without times.
results() {
    cut -d, -f1-7,10- log.csv
    sha256sum ./*.safetensors
    [ ! -e callback.csv ] || cat callback.csv
}

# kill_one NETWORK MILLISECONDS: start or resume, kill within so many milliseconds. 0: it was killed.
kill_one() {
    local delay=$((RANDOM * $2 / 32768)) signal=KILL job
    [ $((RANDOM % 4)) -gt 0 ] || signal=TERM
    train "$1" --checkpoint checkpoints --checkpoint-every $((RANDOM % 5 + 1)) --resume \
        --threads $((RANDOM % 4 + 1)) >>out 2>>err &
    job=$!
    sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
    pkill -"$signal" -P $job 2>/dev/null || true
    ! wait $job
}

# prove NETWORK KILLS: adds to good and all.
prove() {
    local network=$1 wanted=$2 killed=0 here=0 started whole
    mkdir -p "$work/$network/whole"
    cd "$work/$network/whole"
    started=$(date +%s%N)
    train "$network" --threads 2 >/dev/null
    whole=$((($(date +%s%N) - started) / 1000000 + 20))
    results >../expected
    while [ "$killed" -lt "$wanted" ]; do
        rm -rf ../broken
        mkdir ../broken
        cd ../broken
        here=0
        while [ $((killed + here)) -lt "$wanted" ] && kill_one "$network" "$whole"; do
            here=$((here + 1))
        done
        train "$network" --checkpoint checkpoints --resume --threads 3 >>out 2>>err ||
            { echo "$network: cannot be resumed: $(tail -n 2 err)"; exit 1; }
        killed=$((killed + here))
        all=$((all + here))
        if results | cmp -s - ../expected; then
            good=$((good + here))
        else
            echo "$network: differs after $here kills:"
            results | diff - ../expected | head -n 5 || true
            [ -z "${CONVOY_KEEP:-}" ] || cp -r .. "$CONVOY_KEEP"
            exit 1
        fi
    done
    echo "$network: $killed kills"
}

good=0 all=0
share=$(((kills + ${#networks[@]} - 1) / ${#networks[@]}))
for network in "${networks[@]}"; do
    prove "$network" $((all + share <= kills ? share : kills - all))
done
echo "$good of $all"
[ "$good" -eq "$all" ]
