#!/usr/bin/env bash
# measure.sh BUILD FOLDER [PYTHON]: measure everything in docs/performance.md, store the results in FOLDER, and rewrite
# the tables. BUILD is a build with CONVOY_BENCH=ON; PYTHON has PyTorch, without which that table stays as it is.
# Takes about ten minutes on an otherwise idle machine.
set -euo pipefail

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    sed -n '2,4s/^# //p' "$0"
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
bench=$1/bench
results=$2
mkdir -p "$results"
for isa in avx512 avx2; do
    # refused if this processor lacks it
    if CONVOY_ISA=$isa "$bench/bench_train" --json >"$results/train-$isa.json"; then
        CONVOY_ISA=$isa "$bench/kernels/check_kernels" --bench --json >"$results/kernels-$isa.json"
        CONVOY_ISA=$isa "$bench/bench_predict" --json >"$results/predict-$isa.json"
    else
        rm "$results/train-$isa.json"
    fi
done
if [ $# -eq 3 ]; then
    python3 "$here/beside_pytorch.py" --json --bench-train "$bench/bench_train" --python "$3" >"$results/pytorch.json"
fi
python3 "$here/performance_page.py" "$results" "$here/../docs/performance.md"
