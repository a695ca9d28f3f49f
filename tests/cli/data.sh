#!/usr/bin/env bash
# convoy data: info, preview and convert.
. "$(dirname "$0")/harness.sh"

case_info_counts_classes() {
    works data info "$(digits 200 50)"
    err_is_empty
    out_has '^digits: 200 images to train on, 50 to test, 28 x 28 x 1, 10 classes$'
    out_has '^sha256 [0-9a-f]{64}$'
    equal "train and test" "$(awk 'NF == 3 && $1 ~ /^[0-9]$/ { a += $2; b += $3 } END { print a, b }' \
        "$scratch/out")" "200 50"
}

case_info_is_of_the_digits_by_default() {
    works data info
    out_has '^digits: 20,000 images to train on, 5,000 to test'
}

case_json_has_the_keys_it_should() {
    works data info "$(digits 200 50)" --json
    local classes=
    for _ in 1 2 3 4 5 6 7 8 9 10; do classes+=" label train test"; done
    equal keys "$(json_keys)" "command name train test height width channels classes$classes sha256"
    out_has '^\{"command":"data","name":"digits","train":200,"test":50,"height":28,"width":28,"channels":1,'
}

case_threads_and_seed() {
    local first
    works data info "$(digits 3000 500)" --json --threads 1
    first=$(json_value sha256)
    for threads in 2 3; do
        works data info "$(digits 3000 500)" --json --threads $threads
        equal "$threads threads" "$(json_value sha256)" "$first"
    done
    works data info "$(digits 3000 500),seed=1" --json
    [ "$(json_value sha256)" != "$first" ] || fail "the seed changes nothing"
}

case_preview_is_a_png() {
    works data preview "$(digits 200 50)" --per-class 5
    out_has '^wrote preview.png$'
    equal signature "$(head -c 8 preview.png | od -An -tx1)" " 89 50 4e 47 0d 0a 1a 0a"
    # 5 and 10 cells of 28 with a gap of 2 around each
    equal size "$(od -An -tx1 -j16 -N8 preview.png)" " 00 00 00 98 00 00 01 2e"
    works data preview "$(digits 200 50)" --per-class 5 --output test.png --split test --json
    equal keys "$(json_keys)" "command output"
    ! cmp -s test.png preview.png || fail "--split changes nothing"
    equal files "$(ls -A | paste -sd ' ')" "preview.png test.png"
    refuses 1 'digits: no validation images in it' data preview "$(digits 200 50)" --split validation
    works data preview "$(digits 200 50)" --quiet
    [ ! -s "$scratch/out" ] || fail "not quiet"
}

case_converted_data_are_the_same() {
    works data info "$(digits 200 50)" --json
    local digest
    digest=$(json_value sha256)
    works data convert "$(digits 200 50)" --output idx
    equal files "$(ls idx | paste -sd ' ')" "t10k-images-idx3-ubyte t10k-labels-idx1-ubyte \
train-images-idx3-ubyte train-labels-idx1-ubyte"
    equal bytes "$(wc -c <idx/train-images-idx3-ubyte)" $((16 + 200 * 784))
    works data info idx --json
    equal digest "$(json_value sha256)" "$digest"
    equal name "$(json_value name)" idx
    gzip idx/*
    works data info idx --json
    equal "digest, packed" "$(json_value sha256)" "$digest"
}

case_converted_data_teach_the_same() {
    works train --model mlp --data "$(digits 200 50)" --epochs 1 --json
    local weights
    weights=$(json_value weights_sha256)
    works data convert "$(digits 200 50)" --output idx
    works train --model mlp --data idx --epochs 1 --json
    equal weights "$(json_value weights_sha256)" "$weights"
}

case_refuses_what_it_does_not_know() {
    refuses 2 'looks: unknown action, expected info, check, preview, convert or fetch' data looks
    refuses 2 'found nothing to work on, expected info|check' data
    refuses 2 '--output' data convert "$(digits 20 10)"
    refuses 2 '--per-class' data preview --per-class 0
    refuses 1 'no/such/folder/a.png' data preview --output no/such/folder/a.png
    refuses 1 'no/such/folder' data convert --output no/such/folder
    refuses 1 'Did you mean digits?' data info digts
}

# The width and height of a PNG.
png_size() {
    od -An -tu1 -j16 -N8 "$1" | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }'
}

case_preview_shows_variants_below_originals() {
    set -- data preview "$(digits 300 10)" --per-class 5 --augment random_rotation --augment cutmix
    works "$@" --output a.png --variants 2
    equal size "$(png_size a.png)" "$((2 + 5 * 30)) $((2 + 10 * 3 * 30))"
    works "$@" --output b.png --variants 2
    same_files a.png b.png
    works "$@" --output c.png --variants 2 --seed 1
    ! cmp -s a.png c.png || fail "the seed changes nothing"
    works data preview "$(digits 300 10)" --per-class 5 --output d.png
    equal size "$(png_size d.png)" "$((2 + 5 * 30)) $((2 + 10 * 30))"
    refuses 2 'random_turn' data preview --augment random_turn --output e.png
    refuses 2 'cutmix mixes after mixup' data preview --augment mixup --augment cutmix --output e.png
}

run_cases "$@"
