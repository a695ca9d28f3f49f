#!/usr/bin/env bash
# scripts/ranks.sh [CONVOY [PART...]]: whether 2, 3, 4 and 7 ranks of 1 and 2 threads train the same model file as one
# process, byte for byte: a table. PART: models (each built-in one), optimizers (each, and rules about whole
# variables), settings (batches of every kind, wire, augmentation). Default: all of them, some 300 short trainings.
# Needs Open MPI, or another MPI that CONVOY_TEST_LAUNCHER and CONVOY_MPI_MODULE name (scripts/mpich.sh).
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

convoy=$(readlink -f "${1:-build/convoy}")
parts=("${@:2}")
[ "${#parts[@]}" -gt 0 ] || parts=(models optimizers settings)
[ -x "$convoy" ] || { complain "$convoy: not a program; build convoy first"; exit 1; }
if [ -n "${CONVOY_TEST_LAUNCHER:-}" ]; then
    launcher=("$CONVOY_TEST_LAUNCHER")
else
    need_packages openmpi-bin
    launcher=(mpirun --oversubscribe -q)
    [ "$(id -u)" -ne 0 ] || launcher+=(--allow-run-as-root)
fi
export RES_OPTIONS='timeout:1 attempts:1' # mpirun asks for this machine's name
unset OMP_NUM_THREADS
folder=$(mktemp -d)
trap 'say_where_it_failed; rm -rf "$folder"' EXIT
setups=(2x1 2x2 3x1 3x2 4x1 4x2 7x1 7x2)
differing=0

# Color images in CIFAR's form, 80 of them: labels in turn, and the program's own bytes for pixels.
make_cifar() {
    local i file
    mkdir -p "$folder/color/cifar-10-batches-bin"
    for ((i = 0; i < 96; i++)); do
        file=$((i / 16 + 1))
        [ "$file" -le 5 ] && file=data_batch_$file.bin || file=test_batch.bin
        # shellcheck disable=SC2059
        printf "\\$(printf '%03o' $((i % 10)))" >>"$folder/color/cifar-10-batches-bin/$file"
        tail -c "+$((5000 * i + 1))" "$convoy" | head -c 3072 >>"$folder/color/cifar-10-batches-bin/$file" || true
    done
    printf '%s\n' airplane automobile bird cat deer dog frog horse ship truck \
        >"$folder/color/cifar-10-batches-bin/batches.meta.txt"
}

# row NAME ARGUMENTS...: one line of the table.
row() {
    local name=$1 setup line
    shift
    line="| $name |"
    "$convoy" train "$@" --quiet --threads 1 --output "$folder/one.safetensors" >"$folder/out" 2>&1 ||
        { cat "$folder/out" >&2; complain "$name: one process failed"; exit 1; }
    for setup in "${setups[@]}"; do
        rm -f "$folder/several.safetensors"
        if timeout 300 "${launcher[@]}" -n "${setup%x*}" "$convoy" train "$@" --quiet --threads "${setup#*x}" \
            --output "$folder/several.safetensors" >"$folder/out" 2>&1 &&
            cmp -s "$folder/one.safetensors" "$folder/several.safetensors"; then
            line+=" same |"
        else
            line+=" **DIFFERS** |"
            differing=$((differing + 1))
            cat "$folder/out" >&2
        fi
    done
    echo "$line"
}

head_of_table() {
    printf '| %s |' "$1"
    printf ' %s |' "${setups[@]/x/ x }"
    printf '\n| --- |'
    printf ' --- |%.0s' "${setups[@]}"
    printf '\n'
}

part_models() {
    local model data
    make_cifar
    head_of_table "model, batch 112"
    for model in models/*.json; do
        model=$(basename "$model" .json)
        data=digits:train=224,test=16
        case $model in cifar-cnn | inception | resnet20) data=$folder/color ;; esac
        row "$model" --model "$model" --data "$data" --batch-size 112 --epochs 1 --steps 2
    done
}

part_optimizers() {
    local optimizer small=(--model lenet5 --data digits:train=448,test=16 --batch-size 112 --epochs 1)
    head_of_table "optimizer, lenet5, batch 112"
    for optimizer in $("$convoy" info --optimizers | awk '/^[a-z0-9_]+ / { print $1 }') \
        adam:global_clipnorm=0.5 sgd:clipnorm=0.1 sgd:momentum=0.9,nesterov=true,use_ema=true \
        lamb:global_clipnorm=0.5,use_ema=true,gradient_accumulation_steps=2 muon:global_clipnorm=0.5; do
        row "$optimizer" "${small[@]}" --optimizer "$optimizer"
    done
}

part_settings() {
    local data=(--data digits:train=1100,test=16 --epochs 1)
    head_of_table settings
    row "mlp, batch 1100 (two grains, sums divided)" --model mlp "${data[@]}" --batch-size full
    row "lenet5, batch 1100" --model lenet5 "${data[@]}" --batch-size full
    row "cnn-bn, batch 550 (one grain)" --model cnn-bn "${data[@]}" --batch-size 550
    row "lenet5, batch 550, bf16" --model lenet5 "${data[@]}" --batch-size 550 --wire bf16
    row "mlp, batch 550, bf16" --model mlp "${data[@]}" --batch-size 550 --wire bf16
    row "lenet5, batch 16 (one lane)" --model lenet5 "${data[@]}" --batch-size 16 --steps 4
    row "lenet5, batch 1" --model lenet5 "${data[@]}" --batch-size 1 --steps 4
    row "lenet5, batch 400, mixup" --model lenet5 "${data[@]}" --batch-size 400 --augment mixup
    row "shared weights, batch 400" --model tests/data/graphs/shared.json "${data[@]}" --batch-size 400
    row "lenet5, batch 400, frozen" --model models/lenet5.safetensors "${data[@]}" --batch-size 400 \
        --freeze 'conv2d*'
}

for part in "${parts[@]}"; do
    step "$part"
    "part_$part"
done
[ "$differing" -eq 0 ] || { complain "$differing differ"; exit 1; }
step "the same bits everywhere"
