#!/usr/bin/env bash
# convoy train of a model that is trained already: what goes on, what stays, what is said.
. "$(dirname "$0")/harness.sh"

# An image of 28 x 28 with a bar in column $1.
bar() {
    printf 'P5\n28 28\n255\n'
    head -c 784 /dev/zero | tr '\0' '\010' | awk -v column="$1" 'BEGIN { RS = "\0" } {
        for (i = 0; i < 784; i++)
            printf "%c", i % 28 == column ? 200 : 8 }'
}

# Folders of pictures, one for each class that is named.
make_folders() {
    local where=$1 class i
    shift
    for class; do
        mkdir -p "$where/$class"
        for i in 1 2 3 4 5 6; do
            bar $((3 * i + ${#class} + 2)) >"$where/$class/$i.pgm"
        done
    done
}

digest() {
    "$convoy" info "$1" --json | grep -oE '"weights_sha256":"[0-9a-f]*"'
}

case_goes_on_where_it_ended() {
    make_model first.safetensors
    works train --model first.safetensors --data "$(digits 1000 200)" --epochs 1 --output second.safetensors
    out_has '^continuing from first.safetensors: images as it was trained on \(28 x 28 x 1, pixels standard, light ink on dark\), the same 10 classes$'
    works train --model mlp --data "$(digits 1000 200)" --epochs 1 --json --output fresh.safetensors
    local fresh=$(json_value loss)
    works train --model first.safetensors --data "$(digits 1000 200)" --epochs 1 --json --output again.safetensors
    fits_schema train
    below "$(grep -o '"epoch":1,.*' "$scratch/out" | grep -o '"loss":[0-9.e-]*' | head -n 1 | cut -d: -f2)" 1 ||
        fail "the first epoch begins from nothing"
    same_files second.safetensors again.safetensors
    out_has '"warm_start":\{"file":"first.safetensors","new_layer":null,"classes":null,"frozen":\[\]\}'
}

case_threads_change_nothing() {
    make_model first.safetensors
    works train --model first.safetensors --data "$(digits 300 20)" --epochs 1 --threads 1 --freeze dense --output a.safetensors
    works train --model first.safetensors --data "$(digits 300 20)" --epochs 1 --threads 2 --freeze dense --output b.safetensors
    same_files a.safetensors b.safetensors
}

case_may_replace_the_file_it_came_from() {
    make_model model.safetensors
    cp model.safetensors before.safetensors
    works train --model model.safetensors --data "$(digits 300 20)" --epochs 1
    ! cmp -s model.safetensors before.safetensors || fail "nothing was saved"
}

case_new_settings() {
    make_model first.safetensors
    works train --model first.safetensors --data "$(digits 300 20)" --epochs 1 --json --optimizer sgd:momentum=0.9 \
        --learning-rate 0.01 --loss mean_squared_error --output second.safetensors
    equal loss "$(json_value loss)" mean_squared_error
    works train --model second.safetensors --data "$(digits 300 20)" --epochs 1 --json --output third.safetensors
    equal "loss of the model" "$(json_value loss)" mean_squared_error
}

case_new_classes() {
    make_model first.safetensors
    make_folders mine 7 dog cat
    works train --model first.safetensors --data mine --epochs 1 --output second.safetensors
    out_has '^the last layer, dense_1, is new, for 3 classes instead of 10; new: cat, dog; with their weights as before: 7; no longer there: 0, 1, 2, 3, 4, 5, 6, 8, 9$'
    works evaluate second.safetensors --data mine
    out_has '^cat '
    works train --model first.safetensors --data mine --epochs 1 --json --output third.safetensors
    fits_schema train
    same_files second.safetensors third.safetensors
    out_has '"new_layer":"dense_1","classes":\{"new":\["cat","dog"\],"kept":\["7"\],"dropped":\["0",'
}

case_fewer_classes_keep_the_last_layer() {
    make_model first.safetensors
    make_folders mine 7 3
    works train --model first.safetensors --data mine --epochs 1 --output second.safetensors
    out_has 'the same 10 classes$'
    works info second.safetensors
    out_has '10'
}

case_frozen_layers() {
    make_model first.safetensors
    works train --model first.safetensors --data "$(digits 300 20)" --epochs 1 --freeze 'dense$' --output second.safetensors
    out_has '^frozen: 1 layer, 100,480 parameters; 1,290 learn$'
    local digest
    digest=$(sed -n 's/^weights sha256 //p' "$scratch/out")
    works train --model first.safetensors --data "$(digits 300 20)" --epochs 1 --freeze flatten --freeze dense \
        --json --output third.safetensors
    out_has '"frozen":\["flatten","dense"\]'
    equal digest "$(json_value weights_sha256)" "$digest"
}

case_layers_that_are_not_there() {
    make_model first.safetensors
    refuses 2 '--freeze: layer conv: the model mlp has none of that name, only flatten, dense, dropout, dense_1' \
        train --model first.safetensors --data "$(digits 100 20)" --freeze conv
    refuses 2 '--freeze: no layer of mlp is left to train' train --model first.safetensors \
        --data "$(digits 100 20)" --freeze '*'
    refuses 2 '--freeze: layer: found "a("' train --data "$(digits 100 20)" --freeze 'a('
}

case_preprocessing_is_kept() {
    make_model first.safetensors
    refuses 2 '--normalize: found unit, but the weights of first.safetensors were trained with standard' \
        train --model first.safetensors --data "$(digits 100 20)" --normalize unit
    works train --model first.safetensors --data "$(digits 100 20)" --normalize standard --epochs 1 --output second.safetensors
    works train --model mlp --data "$(digits 100 20)" --normalize none --epochs 1 --output none.safetensors
    works train --model none.safetensors --data "$(digits 100 20)" --epochs 1 --output second.safetensors
    out_has 'pixels none'
    # resized as before, without being told
    make_folders mine a b
    works train --model mlp --data mine --resize 28x28 --epochs 1 --output mine.safetensors
    mkdir -p larger/a larger/b
    for class in a b; do
        { printf 'P5\n40 40\n255\n' && head -c 1600 /dev/zero | tr '\0' '\100'; } >larger/$class/1.pgm
    done
    works train --model mine.safetensors --data larger --epochs 1 --output larger.safetensors
}

case_images_of_another_size() {
    make_model first.safetensors
    mkdir -p small/0 small/1
    for class in 0 1; do
        { printf 'P5\n20 10\n255\n' && head -c 200 /dev/zero | tr '\0' '\100'; } >small/$class/1.pgm
    done
    refuses 1 'small: images of 10 x 20 x 1, but the model mlp takes 28 x 28 x 1; --resize 28x28 gives them that form' \
        train --model first.safetensors --data small
}

case_what_does_not_go_together() {
    make_model first.safetensors
    refuses 2 '--folds: found 3 with first.safetensors' train --model first.safetensors \
        --data "$(digits 100 20)" --folds 3
    refuses 1 'missing.safetensors: No such file' train --model missing.safetensors --data "$(digits 100 20)"
    printf 'nothing' >bad.safetensors
    refuses 1 'bad.safetensors: 7 bytes, too short' train --model bad.safetensors --data "$(digits 100 20)"
}

case_a_model_is_known_by_its_content() {
    make_model m.safetensors
    cp m.safetensors digits.model
    works info digits.model --command
    out_has '^convoy train '
    works train --quiet --model digits.model --data "$(digits 100 20)" --epochs 1 --output next.model
    works evaluate next.model --data "$(digits 100 20)"
    printf '{"a": 1}' >not.model
    run "$convoy" info not.model
    [ "$status" -eq 1 ] || fail "JSON is no model: status $status"
}

run_cases "$@"
