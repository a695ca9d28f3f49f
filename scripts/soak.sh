#!/usr/bin/env bash
# A soak: one long training with checkpoints and validation, and beside it predictions, evaluations and
# resumed runs, for so many minutes. Prints the memory and the open files of the training every minute, and
# fails when they grow by more than a twentieth after the second minute.
#     scripts/soak.sh [MINUTES [PROGRAM]]
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:-30}
convoy=$(realpath "${2:-build-gcc/convoy}")
seven=$(realpath tests/data/pictures/seven.png)
work=$(mktemp -d "${TMPDIR:-/tmp}/convoy-soak-XXXXXX")
cd "$work"

"$convoy" train --quiet --model mlp --epochs 2 --output model.safetensors >/dev/null
"$convoy" train --quiet --model lenet5 --data digits:train=5000,test=500 --validation-split 0.2 --epochs 1000000 \
    --augment random_rotation:factor=0.05 --checkpoint run --checkpoint-every 5s --output long.safetensors \
    --log long.csv --time-limit "${minutes}m" --threads 2 >long.out 2>&1 &
job=$!
trap 'kill $job 2>/dev/null; rm -rf "$work"' EXIT
others=0 first=0 last=0 files=0 end=$((SECONDS + 60 * minutes - 30)) next=$((SECONDS + 60)) minute=0
while [ $SECONDS -lt $end ] && kill -0 $job 2>/dev/null; do
    "$convoy" predict model.safetensors "$seven" >/dev/null
    "$convoy" evaluate model.safetensors --data digits:train=10,test=500 >/dev/null
    timeout -s KILL 0.5 "$convoy" train --quiet --model mlp --data digits:train=2000,test=20 --epochs 50 \
        --checkpoint other --checkpoint-every 10 --resume >/dev/null 2>&1 || true
    others=$((others + 3))
    [ $SECONDS -ge $next ] || continue
    next=$((SECONDS + 60)) minute=$((minute + 1))
    last=$(awk '/^VmRSS/ { print $2 }' /proc/$job/status)
    files=$(find /proc/$job/fd | wc -l)
    [ "$minute" -ne 2 ] || first=$last first_files=$files
    echo "minute $minute: $last KiB resident, $files files open, $(wc -l <long.csv) lines of log, $others other runs"
done
wait $job
echo "$minutes minutes, $others other runs: $first KiB after two minutes, $last KiB at the end; ${first_files:-$files} and $files files"
[ "$minutes" -lt 4 ] || { [ $((20 * last)) -le $((21 * first)) ] && [ "$files" -le "$first_files" ]; }
