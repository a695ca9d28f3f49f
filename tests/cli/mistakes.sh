#!/usr/bin/env bash
# The table of natural mistakes, mistakes.tsv: each line is typed, and has to be answered as it says.
. "$(dirname "$0")/harness.sh"

# zip_with_entry NAME: the beginning of a ZIP archive with that entry.
zip_with_entry() {
    printf 'PK\003\004\024\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
    # shellcheck disable=SC2059
    printf "\\x$(printf %02x ${#1})\\0\\0\\0%s" "$1"
    head -c 600 /dev/zero
}

# The first bytes of what other programs write.
make_foreign_files() {
    zip_with_entry metadata.json >model.keras
    zip_with_entry model/data.pkl >model.pt
    zip_with_entry conv1.npy >model.npz
    printf '\x89HDF\r\n\x1a\n\0\0\0\0\0\010\010\0' >model.h5
    printf '\x80\002\x8a\n\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\002M\xe9\003.' >old.pt
    printf '\x80\004\x95\x10\0\0\0\0\0\0\0}\x94.' >model.pkl
    printf '\010\007\022\007pytorch\032\0052.0.1:\x80\001' >model.onnx
    printf '\034\0\0\0TFL3\024\0\040\0' >model.tflite
    printf "\\x93NUMPY\\001\\0v\\0{'descr': '<f4'}" >weights.npy
    printf 'GGUF\003\0\0\0\0\0\0\0' >model.gguf
    printf '[net]\nbatch=64\n[convolutional]\nfilters=16\n' >net.cfg
    printf 'import keras\nmodel = keras.Sequential()\n' >net.py
    printf 'backbone:\n  - [-1, 1, Conv, [64, 3, 2]]\n' >net.yaml
    mkdir saved
    : >saved/saved_model.pb
    # data
    zip_with_entry mnist/1.png >data.zip
    zip_with_entry '[Content_Types].xml' >data.xlsx
    { printf 'MATLAB 5.0 MAT-file, Platform: GLNXA64'; head -c 600 /dev/zero; } >data.mat
    { printf 'PAR1\025\004'; head -c 600 /dev/zero; } >data.parquet
    { printf '\054\001\0\0\0\0\0\0abcd\n\251\002'; head -c 300 /dev/zero; } >data.tfrecord
    { printf 'Rar!\032\007\001\0'; head -c 300 /dev/zero; } >data.rar
    tar cf data.tar model.pt
    tar czf data.tar.gz model.pt
    printf '<!DOCTYPE html><html><body>404</body></html>\n' >page.gz
    printf 'version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12\n' >pointer.gz
    printf '{"images": []}' >data.json
    printf '%%PDF-1.4\n' >data.pdf
    printf 'epochs = 3\n' >run.toml
    printf '{"cells": [], "nbformat": 4}' >book.ipynb
    printf 'filename,label\na.png,7\n' >names.csv
    mkdir -p yolo/images yolo/labels hollow/a hollow/b
    cp "$tests/data/pictures/seven.png" yolo/images
    : >yolo/labels/seven.txt
    # configurations
    printf '{\n  // a comment\n  "epochs": 3}' >comment.json
    printf '{"epochs": 3,}' >comma.json
    printf "{'epochs': 3}" >quotes.json
    printf '{“epochs”: 3}' >curly.json
    printf '{"json": True}' >python.json
    printf '{"epochs": 3 "seed": 1}' >together.json
    printf '\357\273\277{"epochs": 0}' >marked.json
    : >nothing.json
}

# Twenty images of two classes, those of the first one in front.
make_sorted_data() {
    mkdir sorted
    { be32 2051; be32 20; be32 28; be32 28; yes | head -c 15680; } >sorted/train-images-idx3-ubyte
    { be32 2049; be32 20; head -c 16 /dev/zero; bytes 1 1 1 1; } >sorted/train-labels-idx1-ubyte
    { be32 2051; be32 1; be32 28; be32 28; yes | head -c 784; } >sorted/t10k-images-idx3-ubyte
    { be32 2049; be32 1; bytes 0; } >sorted/t10k-labels-idx1-ubyte
}

make_files() {
    make_model m.safetensors
    make_sorted_data
    make_foreign_files
    mkdir mnist sub
    cp "$tests/data/pictures/seven.png" a.png
    cp "$tests/../models/lenet5.json" net.json
    sed 's/"activation": "[a-z]*"/"activation": "LeakyReLU"/' net.json >activation.json
    sed '0,/"filters"/s//"kernel_initializer": "xavier", "filters"/' net.json >initializer.json
    ln -s m.safetensors link.safetensors
    ln m.safetensors hard.safetensors
    ln -s sub/new.safetensors dangling.safetensors
}

# answers COMMAND STATUS WORDS: with an exit status other than 0 as an error, in one line or two.
answers() {
    local words
    # shellcheck disable=SC2086
    eval "words=($1)"
    if [ "$2" -ne 0 ]; then
        refuses "$2" "$3" "${words[@]}"
    else
        works "${words[@]}"
        cat "$scratch/out" "$scratch/err" >"$scratch/both"
        grep -qF -- "$3" "$scratch/both" || fail "convoy $1: expected the words: $3"
    fi
}

# Sentences are the same with sanitizers, and a start takes longer there: every twentieth line is typed.
case_every_line_is_answered() {
    local command status_expected words count=0 wrong=0 each=1
    ! has_sanitizer || each=20
    make_files
    while IFS=$'\t' read -r command status_expected words; do
        case $command in '' | '#'*) continue ;; esac
        [ -n "$words" ] || fail "expected three fields with tabs between them: $command"
        count=$((count + 1))
        [ $((count % each)) -eq 0 ] || continue
        (answers "$command" "$status_expected" "$words") || wrong=$((wrong + 1)) # all of them are shown
    done <"$tests/cli/mistakes.tsv"
    [ "$wrong" -eq 0 ] || fail "$wrong lines are not answered as mistakes.tsv says"
    [ "$count" -ge 700 ] || fail "expected at least 700 lines, found $count"
}

# The shell's own part in it: what is behind the ';' becomes a command.
case_unquoted_list_is_explained() {
    run bash -c "'$convoy' train --learning-rate piecewise_constant_decay:boundaries=[1;2],values=[1;2;3]"
    err_has 'boundaries: found "\[1", expected'
    err_has "A shell ends the command at ';': write \[A,B\]"
}

case_full_is_a_batch_size_everywhere() {
    works train --quiet --model mlp --data "$(digits 40 10)" --epochs 1 --batch-size full --json
    equal batch "$(json_value batch_size)" 40
    works compare --quiet --model mlp --data "$(digits 40 10)" --epochs 1 --seeds 1 --optimizer sgd \
        --batch-size full --report report --json
    out_has '"batch_size":36,'
    works scale --quiet --model mlp --data "$(digits 40 10)" --threads 1 --repeats 1 --steps 2 --warm-up 0 \
        --batch-size full --json --report scaling
    out_has '"batch_size":40,'
}

run_cases "$@"
