#!/usr/bin/env bash
# Looks for data races: builds the program with clang's ThreadSanitizer in build-tsan/ and runs small
# trainings, scorings, comparisons and measurements with several workers, and batches that leave lanes
# to crews. libomp loads its tool Archer by itself, which tells the sanitizer what OpenMP orders; the
# matrix product is convoy's own, since OpenBLAS cannot be looked into. A report ends a run with
# status 66. Takes some minutes. Debian has the sanitizer in libclang-rt-14-dev, Archer in libomp-14-dev.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

step "build"
cmake -B build-tsan -DCMAKE_C_COMPILER=clang-14 -DCMAKE_BUILD_TYPE=Debug \
    "-DCMAKE_C_FLAGS_DEBUG=-O1 -g" -DCONVOY_SANITIZE=thread
cmake --build build-tsan --parallel "$(nproc)"

convoy=$PWD/build-tsan/convoy
folder=$(mktemp -d)
trap 'say_where_it_failed; rm -rf "$folder"' EXIT
cd "$folder"
export TSAN_OPTIONS=ignore_noninstrumented_modules=1

runs=0
works() {
    step "convoy $*"
    "$convoy" "$@" --quiet >out 2>err || { cat err >&2; return 1; }
    ! grep -q 'ThreadSanitizer' err || { cat err >&2; return 1; }
    runs=$((runs + 1))
}

step "is Archer there?"
ARCHER_OPTIONS=verbose=1 "$convoy" train --data digits:train=40,test=10 --steps 2 --threads 2 \
    >out 2>err
grep -q 'Archer detected OpenMP application with TSan' out err

works data convert digits:train=250,test=50 --output data
common=(--data data --epochs 2 --steps 4 --validation-split 0.1 --callback early_stopping:patience=1
    --callback model_checkpoint:filepath=best.safetensors,save_freq=2)
for model in lenet5 mnist-cnn cnn-bn mlp; do
    for threads in 2 3 5; do
        sizes=(3 16 40 64 112)
        [ "$model" != mnist-cnn ] || sizes=(3 40) # large, and slow under the sanitizer
        for batch_size in "${sizes[@]}"; do
            works train "${common[@]}" --model "$model" --threads "$threads" \
                --batch-size "$batch_size" --optimizer adam:clipnorm=1,use_ema=true
        done
        works evaluate model.safetensors --data data --threads "$threads"
        works predict model.safetensors data/t10k-images-idx3-ubyte --threads "$threads"
    done
    works train "${common[@]}" --model "$model" --threads 3 --batch-size 40 --optimizer muon
    works train "${common[@]}" --model "$model" --threads 3 --batch-size 40 \
        --optimizer sgd:global_clipnorm=1,gradient_accumulation_steps=2
done
compare=(compare --data data --seeds 2 --epochs 2 --evaluate-every 3 --optimizer sgd
    --optimizer adam)
works "${compare[@]}" --threads 3 --jobs 2 --report jobs
works "${compare[@]}" --threads 3 --jobs 1 --report threads
works scale --data data --threads 1,2,3 --repeats 2 --steps 5 --bind cores

step "$runs runs without a race"
