#!/usr/bin/env bash
# convoy train --callback and --class-weight: what callbacks do to a whole run and leave behind.
. "$(dirname "$0")/harness.sh"

small=(--data "$(digits 500 50)" --model mlp --validation-split 0.2 --epochs 6)
# loss of training always falls here, so with a large min_delta nothing improves behind epoch 1
stops=early_stopping:monitor=loss,min_delta=100

# What a saved model's test loss is, to the last digit.
score_of() {
    works evaluate "$1" --data "$(digits 500 50)" --json
    json_value loss
}

case_stops_early_and_tells() {
    works train "${small[@]}" --callback $stops,patience=2
    equal epochs "$(grep -c '^epoch ./6' "$scratch/err")" 3
    err_has '^epoch 3  early_stopping: stopped: loss has not improved on [0-9.]+ of epoch 1$'
    out_has '^test accuracy'
    works train "${small[@]}" --callback $stops,patience=2 --quiet
    err_is_empty
    works train "${small[@]}" --callback $stops,patience=2 --json
    out_has '"callbacks":\[\{"name":"early_stopping","monitor":"loss","min_delta":100.0,"patience":2,'
    out_has '"baseline":null,"restore_best_weights":false,"start_from_epoch":0\}\]'
    out_has '"events":\[\{"epoch":3,"callback":"early_stopping","event":"stopped","best_epoch":1,'
    out_has '"steps":21,"stopped":false'
    works info model.safetensors --json
    out_has '"callbacks":\["early_stopping:monitor=loss,min_delta=100,patience=2"\]'
    out_has '"events":\[\{"epoch":3,"callback":"early_stopping","event":"stopped","best_epoch":1,'
}

case_plain_runs_tell_nothing_of_callbacks() {
    works train "${small[@]}" --json
    out_has '"class_weight":null,"callbacks":\[\],'
    out_has '"events":\[\]'
    works info model.safetensors --json
    ! grep -q 'callbacks\|events\|class_weight' "$scratch/out" || fail "the record tells of callbacks"
}

# The best epoch is the first: restoring it gives the weights of a run of one epoch.
case_restores_the_best_weights() {
    local one
    works train "${small[@]}" --epochs 1 --json
    one=$(json_value weights_sha256)
    works train "${small[@]}" --callback $stops,patience=3,restore_best_weights=true --json
    equal weights "$(json_value weights_sha256)" "$one"
    out_has '"event":"restored","best_epoch":1,'
    # stopped or not
    works train "${small[@]}" --callback $stops,patience=99,restore_best_weights=true --json
    equal weights "$(json_value weights_sha256)" "$one"
    out_has '"epoch":6,'
    ! grep -q '"event":"stopped"' "$scratch/out" || fail "stopped"
}

case_reduces_the_rate() {
    works train "${small[@]}" --learning-rate 0.5 --optimizer sgd --json \
        --callback reduce_lr_on_plateau:monitor=loss,min_delta=100,patience=2,factor=0.25
    equal rates "$(grep -o '"steps":7,"learning_rate":[0-9.]*' "$scratch/out" | sed 's/.*://' |
        paste -sd ' ')" "0.5 0.5 0.5 0.125 0.125 0.03125"
    out_has '"epoch":3,"callback":"reduce_lr_on_plateau","event":"reduced","best_epoch":1,"value":0.125'
    works train "${small[@]}" --epochs 3 --callback \
        reduce_lr_on_plateau:monitor=loss,min_delta=100,patience=1,factor=0.5
    err_has '^epoch 2  reduce_lr_on_plateau: the learning rate is reduced to 0.0005: loss has not '
}

case_a_schedule_is_not_reduced() {
    refuses 2 'reduce_lr_on_plateau: the learning rate follows a schedule' train "${small[@]}" \
        --callback reduce_lr_on_plateau \
        --learning-rate exponential_decay:initial_learning_rate=0.1,decay_steps=10,decay_rate=0.5
}

case_saves_checkpoints() {
    works train "${small[@]}" --epochs 3 --json \
        --callback 'model_checkpoint:filepath=a/b/{epoch:02d}.safetensors'
    equal files "$(ls a/b | paste -sd ' ')" "01.safetensors 02.safetensors 03.safetensors"
    local weights
    weights=$(json_value weights_sha256)
    works info a/b/02.safetensors
    out_has 'of digits: 2 epochs, 14 updates of 64'
    # each is what a run of so many epochs ends with
    works train "${small[@]}" --epochs 2 --output two.safetensors
    equal "epoch 2" "$(score_of a/b/02.safetensors)" "$(score_of two.safetensors)"
    # the files alone change nothing
    works train "${small[@]}" --epochs 3 --json
    equal weights "$(json_value weights_sha256)" "$weights"
}

# 7 batches an epoch: behind batches 5, 3 (10) and 1 (15); what is saved is the model behind the update.
case_saves_checkpoints_between_batches() {
    works train "${small[@]}" --epochs 3 --json \
        --callback 'model_checkpoint:filepath={epoch}-{batch}-{loss:.1f}.safetensors,save_freq=5'
    equal files "$(ls | sed 's/-[0-9.]*safetensors//' | paste -sd ' ')" \
        "1-5 2-3 3-1 3-6 model.safetensors"
    local weights
    weights=$(json_value weights_sha256)
    works train "${small[@]}" --epochs 3 --json
    equal weights "$(json_value weights_sha256)" "$weights"
    works train "${small[@]}" --epochs 3 --steps 10 --output ten.safetensors
    equal "batch 3 of epoch 2" "$(score_of 2-3-*.safetensors)" "$(score_of ten.safetensors)"
}

case_saves_the_best_only() {
    works train "${small[@]}" --json --callback \
        'model_checkpoint:filepath={epoch}.safetensors,monitor=loss,mode=max,save_best_only=true'
    equal files "$(ls | paste -sd ' ')" "1.safetensors model.safetensors"
    out_has '"callback":"model_checkpoint","event":"saved","best_epoch":1,'
}

case_logs_as_keras_does() {
    works train "${small[@]}" --epochs 2 --callback csv_logger:filename=log.csv
    equal header "$(head -n 1 log.csv)" "$(printf 'epoch,accuracy,loss,val_accuracy,val_loss\r')"
    [ "$(grep -cE $'^[01],0[.][0-9]+,[0-9.]+,0[.][0-9]+,[0-9.]+\r$' log.csv)" -eq 2 ] ||
        fail "$(cat log.csv)"
    works train "${small[@]}" --epochs 1 --callback csv_logger:filename=log.csv,append=true
    equal lines "$(wc -l <log.csv)" 4
    works train "${small[@]}" --epochs 1 --validation-split 0 \
        --callback 'csv_logger:filename=log.csv,separator=;'
    equal header "$(head -n 1 log.csv)" "$(printf 'epoch;accuracy;loss;val_accuracy;val_loss\r')"
    grep -qE $'^0;0[.][0-9]+;[0-9.]+;NA;NA\r$' log.csv || fail "$(cat log.csv)"
}

case_ends_in_good_order_at_nan() {
    local diverges=(train "${small[@]}" --optimizer sgd --learning-rate 1e30)
    run "$convoy" "${diverges[@]}"
    equal status "$status" 1
    run "$convoy" "${diverges[@]}" --callback terminate_on_nan:raise_error=true
    equal status "$status" 1
    err_has 'callback terminate_on_nan: the loss is not a finite number at batch 2 of epoch 1'
    equal files "$(ls)" ""
    run "$convoy" "${diverges[@]}" --callback terminate_on_nan --callback csv_logger:filename=log.csv
    equal status "$status" 1
    err_has '^epoch 1  terminate_on_nan: stopped: the loss is not a finite number at batch 2$'
    equal lines "$(wc -l <log.csv)" 2
    [ ! -e model.safetensors ] || fail "a model that diverged was saved"
}

case_threads_change_nothing() {
    local threads digest
    for threads in 1 2 3; do
        works train --data "$(digits 300 20)" --epochs 5 --validation-split 0.2 --batch-size 32 \
            --loss sparse_categorical_crossentropy:label_smoothing=0.1 --class-weight balanced \
            --callback early_stopping:patience=2,restore_best_weights=true \
            --callback reduce_lr_on_plateau:patience=1,min_delta=0.2,factor=0.5 \
            --callback "model_checkpoint:filepath=$threads/{epoch}-{batch}.safetensors,save_freq=3" \
            --threads $threads --output $threads.safetensors --json
        digest=${digest:-$(json_value weights_sha256)}
        equal "$threads threads" "$(json_value weights_sha256)" "$digest"
        grep -o '"events":.*\],"test"' "$scratch/out" | sed "s:$threads/:F/:" >events.$threads
    done
    for threads in 2 3; do
        same_files events.1 events.$threads
        equal files "$(ls $threads)" "$(ls 1)"
        equal "a checkpoint's score" "$(score_of $threads/2-4.safetensors)" \
            "$(score_of 1/2-4.safetensors)"
    done
}

case_a_stop_still_ends_callbacks() {
    works train "${small[@]}" --steps 10 --callback csv_logger:filename=log.csv \
        --callback $stops,patience=99,restore_best_weights=true
    equal lines "$(wc -l <log.csv)" 3 # the second epoch has 3 batches of 7
    err_has 'the weights of epoch 1 are restored'
}

case_label_smoothing_stays_with_the_model() {
    local spec=sparse_categorical_crossentropy:label_smoothing=0.1 loss
    works train "${small[@]}" --loss $spec --json
    equal loss "$(grep -o '"loss":"[^"]*"' "$scratch/out" | cut -d '"' -f 4)" $spec
    works evaluate model.safetensors --data "$(digits 500 50)" --json
    loss=$(json_value loss)
    below 0.3 "$loss" || fail "a smoothed loss cannot come down to $loss"
    works info model.safetensors --json
    out_has "\"loss\":\"$spec\""
    works train "${small[@]}" --loss sparse_categorical_crossentropy:label_smoothing=0
    grep -aq '"loss":"sparse_categorical_crossentropy"' model.safetensors ||
        fail "defaults are written out"
}

case_class_weights() {
    local plain
    works train "${small[@]}" --json
    plain=$(json_value weights_sha256)
    works train "${small[@]}" --class-weight 3=1 --json
    equal weights "$(json_value weights_sha256)" "$plain"
    works train "${small[@]}" --class-weight 3=4,8=0.25 --json
    out_has '"class_weight":"3=4,8=0.25"'
    [ "$(json_value weights_sha256)" != "$plain" ] || fail "class weights change nothing"
    works train "${small[@]}" --class-weight balanced --json
    works info model.safetensors --json
    out_has '"class_weight":"balanced"'
}

case_bad_settings() {
    refuses 2 'callback: unknown name "early_stoping"; did you mean "early_stopping"?' \
        train --callback early_stoping
    refuses 2 'callback early_stopping: patience: found "-1"' \
        train --callback early_stopping:patience=-1
    refuses 2 'callback reduce_lr_on_plateau: factor: found "1", expected a number in [0, 1)' \
        train --callback terminate_on_nan --callback reduce_lr_on_plateau:factor=1
    refuses 2 'callback model_checkpoint: filepath is missing' train --callback model_checkpoint
    refuses 2 'callback model_checkpoint: filepath: unknown field {los}' train "${small[@]}" \
        --callback 'model_checkpoint:filepath={los}.safetensors'
    refuses 2 'monitor: unknown value "speed"' train --callback early_stopping:monitor=speed
    refuses 2 '--callback: its value is missing' train --callback
    refuses 2 'label_smoothing: found "2", expected a number in [0, 1]' \
        train --loss sparse_categorical_crossentropy:label_smoothing=2
    refuses 2 'class weight: unknown class "11"' train "${small[@]}" --class-weight 11=2
    refuses 2 'class weight: class 1: weight: found "-1"' train "${small[@]}" --class-weight 1=-1
    run "$convoy" train "${small[@]}" --callback csv_logger:filename=nowhere/log.csv
    equal status "$status" 1
    err_has 'callback csv_logger: nowhere/log.csv: folder nowhere: No such file'
}

case_checkpoints_that_cannot_be_written_are_reported() {
    printf x >1
    run "$convoy" train "${small[@]}" --callback 'model_checkpoint:filepath={epoch}/a.safetensors'
    equal status "$status" 1
    err_has '^convoy: train: callback model_checkpoint: 1/a.safetensors: .*Not a directory \(the model is saved\)$'
    works evaluate model.safetensors --data "$(digits 20 20)"
    equal "the file 1" "$(cat 1)" x
    rm model.safetensors
    refuses 1 'model_checkpoint: 1: Not a directory' train "${small[@]}" --callback model_checkpoint:filepath=1/a.safetensors
}

run_cases "$@"
