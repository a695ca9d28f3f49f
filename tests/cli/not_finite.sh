#!/usr/bin/env bash
# Numbers that are not finite: in training, in outputs, and what is saved.
. "$(dirname "$0")/harness.sh"

small=(--data "$(digits 600 40)" --epochs 2 --optimizer sgd)

# A model of 2 x 2 pixels that is all right for a black image, and infinite in both outputs for a white one.
make_infinite() {
    local header
    header='{"__metadata__":{"format":"convoy","version":"0.1.0","architecture":"{\"class_name\":\"Sequential\",\"config\":{\"name\":\"s\",\"layers\":[{\"class_name\":\"InputLayer\",\"config\":{\"batch_shape\":[null,2,2,1]}},{\"class_name\":\"Flatten\",\"config\":{}},{\"class_name\":\"Dense\",\"config\":{\"name\":\"d\",\"units\":2,\"use_bias\":false}}]}}","labels":"[\"a\",\"b\"]","preprocessing":"{\"scale\":1,\"offset\":0}","loss":"sparse_categorical_crossentropy","training":"{}"},"d/kernel":{"dtype":"F32","shape":[4,2],"data_offsets":[0,32]}}'
    le64 ${#header}
    printf '%s' "$header"
    for _ in 1 2 3 4 5 6 7 8; do bytes 377 377 177 177; done # the largest float
}

# Three images of 2 x 2: black, white, black.
make_images() {
    mkdir -p idx
    { be32 2051 && be32 3 && be32 2 && be32 2 && bytes 0 0 0 0 377 377 377 377 0 0 0 0; } >idx/t10k-images-idx3-ubyte
    { be32 2049 && be32 3 && bytes 0 1 1; } >idx/t10k-labels-idx1-ubyte
    cp idx/t10k-images-idx3-ubyte idx/train-images-idx3-ubyte
    cp idx/t10k-labels-idx1-ubyte idx/train-labels-idx1-ubyte
}

fails() {
    run "$convoy" "$@"
    [ "$status" -eq 1 ] || fail "convoy $*: expected status 1"
    [ "$(grep -c '^convoy: ' "$scratch/err")" -eq 1 ] || fail "expected one line that begins with convoy:"
}

case_evaluate_counts_nan_as_misread() {
    make_infinite >m.safetensors
    make_images
    fails evaluate m.safetensors --data idx --top-k 2 --json
    err_has '^convoy: evaluate: m.safetensors: an output is not a number \(NaN\) for 1 of 3 images; they count as misread$'
    fits_schema evaluate
    equal loss "$(json_value loss)" null
    equal mae "$(json_value mae)" null
    equal rmse "$(json_value rmse)" null
    out_has '"top_k":\{"2":0.6666666666666666\}'
    out_has '"confusion":\[\[1,0\],\[1,0\]\]'
    fails evaluate m.safetensors --data idx
    out_has '^accuracy  33.33%$'
    fails evaluate m.safetensors --data idx --predictions p.csv
    equal csv "$(tail -n +2 p.csv | tr '\n' ' ')" '0,a,a,0.5,1 1,b,,,0 2,b,a,0.5,0 '
}

case_predict_prints_null() {
    make_infinite >m.safetensors
    make_images
    fails predict m.safetensors idx/t10k-images-idx3-ubyte --json
    err_has '^convoy: predict: m.safetensors: an output is not a number \(NaN\) for 1 of 3 images$'
    fits_schema predict
    out_has '\[1\]","label":null,"probability":null,"top":\[\]\}'
    out_has '\[0\]","label":"a","probability":0.5,'
    fails predict m.safetensors idx/t10k-images-idx3-ubyte --csv
    out_has '\[1\],0,,,,,,,$'
    fails predict m.safetensors idx/t10k-images-idx3-ubyte
    out_has '\[1\] +NaN'
}

case_stops_and_keeps_the_file_that_is_there() {
    make_model model.safetensors
    cp model.safetensors before.safetensors
    fails train "${small[@]}" --learning-rate 1e4
    err_has '^convoy: train: the loss is not a finite number at update [0-9]+ \(epoch 1\) with a learning rate of 10000: the output of layer [a-z0-9_]+ is the first that is not; '
    err_has '^The last good weights, after update [0-9]+, are saved to model.last-good.safetensors; model.safetensors is not written.$'
    same_files model.safetensors before.safetensors
    works evaluate model.last-good.safetensors --data "$(digits 5 40)" --json
    ! grep -q '"loss":null' "$scratch/out" || fail "the weights are not good"
}

case_stops_with_json() {
    fails train "${small[@]}" --learning-rate 1e4 --json --output m.safetensors
    fits_schema train
    out_has '"stopped":true,'
    out_has '"output":"m.last-good.safetensors"'
    [ ! -e m.safetensors ] || fail "the model was saved under its own name"
}

case_nothing_good_is_nothing_saved() {
    fails train "${small[@]}" --learning-rate 1e38 --json
    out_has '"output":null'
    err_has '^Nothing is saved: '
    equal files "$(ls -A)" ''
}

case_the_last_update_is_looked_at() {
    fails train "${small[@]}" --learning-rate 1e36 --steps 1
    err_has 'after update 1'
    equal files "$(ls -A)" ''
}

case_terminate_on_nan_saves_nothing_bad() {
    make_model model.safetensors
    make_model ck.safetensors
    cp model.safetensors before.safetensors
    fails train "${small[@]}" --learning-rate 1e4 --json --validation-split 0.2 --callback terminate_on_nan \
        --callback model_checkpoint:filepath=ck.safetensors \
        --callback early_stopping:monitor=loss,restore_best_weights=true
    out_has '"stopped":true,'
    out_has '"event":"terminated"'
    out_has '"event":"unsaved"'
    same_files model.safetensors before.safetensors
    same_files ck.safetensors before.safetensors
    works evaluate model.last-good.safetensors --data "$(digits 5 40)"
}

case_skips_and_says_so() {
    works train "${small[@]}" --learning-rate 0.1 --on-nan skip --json
    equal skipped "$(json_value skipped_steps)" 0
    run "$convoy" train "${small[@]}" --learning-rate 1e4 --on-nan skip --json --output s.safetensors
    case $status in
    0) err_has '^warning: [0-9]+ of [0-9]+ updates were skipped' ;;
    1) err_has 'updates were skipped|not a finite number' ;;
    *) fail "status $status" ;;
    esac
    fits_schema train
    below 0 "$(json_value skipped_steps)" || fail "no step was skipped"
}

case_ignores_but_saves_no_nan() {
    make_model model.safetensors
    cp model.safetensors before.safetensors
    fails train "${small[@]}" --learning-rate 1e4 --on-nan ignore
    err_has 'a weight is not a finite number'
    same_files model.safetensors before.safetensors
}

case_what_it_takes() {
    refuses 2 '--on-nan: found' train --on-nan maybe
}

case_finite_runs_are_the_same_with_every_policy() {
    local policy digest=
    for policy in stop skip ignore; do
        works train --data "$(digits 300 20)" --epochs 1 --on-nan "$policy" --json
        digest=${digest:-$(json_value weights_sha256)}
        equal "$policy" "$(json_value weights_sha256)" "$digest"
    done
}

run_cases "$@"
