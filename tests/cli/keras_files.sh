#!/usr/bin/env bash
# Models that Keras saved: read by every command, refused with a sentence where they cannot be.
. "$(dirname "$0")/harness.sh"

saved=$tests/data/keras/saved

# Images of 8 x 8 in three classes.
make_images() {
    mkdir -p idx
    { be32 2051 && be32 6 && be32 8 && be32 8 && head -c 384 "$saved/chain.keras"; } >idx/train-images-idx3-ubyte
    { be32 2049 && be32 6 && bytes 0 1 2 0 1 2; } >idx/train-labels-idx1-ubyte
    cp idx/train-images-idx3-ubyte idx/t10k-images-idx3-ubyte
    cp idx/train-labels-idx1-ubyte idx/t10k-labels-idx1-ubyte
}

case_info_evaluate_and_predict() {
    make_images
    for file in chain.keras branches.keras nested.keras nested.h5; do
        works info "$saved/$file"
        works evaluate "$saved/$file" --data idx
        works predict "$saved/$file" idx/t10k-images-idx3-ubyte --json
    done
}

case_training_goes_on_from_it() {
    make_images
    works train --model "$saved/chain.keras" --data idx --epochs 1 --freeze 'conv2d*' --output m.safetensors
    out_has '^continuing from .*chain.keras: images as it was trained on \(8 x 8 x 1, pixels divided by 255'
    works evaluate m.safetensors --data idx
    works train --model "$saved/chain.keras" --data idx --epochs 1 --normalize none --output n.safetensors
}

case_weights_for_an_architecture() {
    make_images
    unzip -p "$saved/chain.keras" config.json >chain.json 2>/dev/null || skip "there is no unzip"
    works train --model chain.json --weights "$saved/chain.weights.h5" --data idx --epochs 1 --output a.safetensors
    works train --model "$saved/chain.keras" --data idx --epochs 1 --output b.safetensors
    equal weights "$("$convoy" info a.safetensors --json | grep -o '"weights_sha256":"[^"]*"')" \
        "$("$convoy" info b.safetensors --json | grep -o '"weights_sha256":"[^"]*"')"
    refuses 1 'layer conv2d, kernel: found 3 x 3 x 1 x 2, expected 5 x 5 x 1 x 6' \
        train --model lenet5 --weights "$saved/chain.weights.h5" --data "$(digits 20 5)"
}

case_what_is_no_model() {
    make_images
    refuses 1 'weights without an architecture' evaluate "$saved/chain.weights.h5" --data idx
    head -c 20000 "$saved/chain.keras" >cut.keras
    refuses 1 'cut.keras: no ZIP archive, or one that was cut short' evaluate cut.keras --data idx
    head -c 9000 "$saved/nested.h5" >cut.h5
    refuses 1 'cut.h5: damaged HDF5' evaluate cut.h5 --data idx
    printf 'PK\003\004nothing' >bad.keras
    refuses 1 'bad.keras: ' train --model bad.keras --data idx
    refuses 1 'missing.keras: No such file' evaluate missing.keras --data idx
}

run_cases "$@"
