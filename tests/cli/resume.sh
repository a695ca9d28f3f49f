#!/usr/bin/env bash
# Checkpoints, --resume and --time-limit of convoy train.
. "$(dirname "$0")/harness.sh"

rest=(--model mlp --validation-split 0.2 --epochs 3 --quiet)
small=("${rest[@]}" --data "$(digits 640 20)")

without_times() {
    cut -d, -f1-7 "$1"
}

digest() {
    grep -oE '[0-9a-f]{64}' "$scratch/out" | head -n 1
}

# Three of each network; the script's own 200 are for a release.
case_nine_kills() {
    local kills=9
    run bash "$here/../../scripts/prove-resume.sh" $kills "$convoy"
    [ "$status" -eq 0 ] || fail "a resumed run differs"
    out_has "^$kills of $kills\$"
}

case_resumed_from_the_middle_of_an_epoch() {
    works train "${small[@]}" --output whole.safetensors --log whole.csv
    local whole
    whole=$(digest)
    works train "${small[@]}" --log log.csv --checkpoint run --checkpoint-every 5 --steps 13
    [ "$(digest)" != "$whole" ] || fail "13 updates learn as much as 48"
    works train "${small[@]}" --log log.csv --checkpoint run --checkpoint-every 5 --resume --threads 1
    equal digest "$(digest)" "$whole"
    same_files whole.safetensors model.safetensors
    equal log "$(without_times log.csv)" "$(without_times whole.csv)"
}

# In the middle of an epoch, of a decay, of a warm-up.
case_schedules_go_on() {
    local schedule plain=("${bars[@]:0:${#bars[@]}-2}") # without reduce_lr_on_plateau
    for schedule in step_decay:initial_learning_rate=0.1,decay_epochs=2,decay_rate=0.5 \
        'piecewise_constant_decay:boundaries=[4,7,11],values=[0.1,0.02,0.3,0.01]' \
        one_cycle:max_learning_rate=0.1,total_steps=30 \
        cosine_decay_restarts:initial_learning_rate=0.1,first_decay_steps=4,warmup_steps=3 \
        exponential_decay:initial_learning_rate=0.1,decay_steps=3,decay_rate=0.5,staircase=true; do
        works train "${plain[@]}" --learning-rate "$schedule" --output whole.safetensors --log whole.csv
        rm -rf run log.csv
        for steps in 5 0; do
            works train "${plain[@]}" --learning-rate "$schedule" --checkpoint run --resume --steps $steps --log log.csv
        done
        same_files whole.safetensors model.safetensors
        equal "log of $schedule" "$(without_times log.csv)" "$(without_times whole.csv)"
    done
}

# Sums of squares may leave the range of floats; and a copy with a higher number is not the newest.
case_slots_may_be_infinite_and_numbers_tell_the_truth() {
    local steep=(--data "$(digits 64 16)" --model steep.json --loss mean_squared_error --batch-size 16 --quiet
        --optimizer adagrad --learning-rate 1e-9)
    printf '%s' '{"class_name":"Sequential","config":{"layers":[
        {"class_name":"InputLayer","config":{"batch_shape":[null,28,28,1]}},
        {"class_name":"Rescaling","config":{"scale":1e11}},{"class_name":"Flatten","config":{}},
        {"class_name":"Dense","config":{"units":10}}]}}' >steep.json
    works train "${steep[@]}" --epochs 3 --output whole.safetensors
    works train "${steep[@]}" --epochs 3 --steps 5 --checkpoint run --checkpoint-every 1
    cp "$(ls run/checkpoint-*5.safetensors)" run/checkpoint-000000000099.safetensors
    works train "${steep[@]}" --epochs 3 --checkpoint run --resume --quiet=false
    err_has 'its name says update 99, its content update 5'
    same_files whole.safetensors model.safetensors
}

case_checkpoints_are_models() {
    works train "${small[@]}" --checkpoint run
    works evaluate run/best.safetensors --data "$(digits 20 20)"
    works predict run/best.safetensors "$tests/data/pictures/seven.png"
}

case_resume_begins_where_there_is_nothing() {
    works train "${small[@]}" --checkpoint some/where/run --resume --json
    equal resumed "$(json_value resumed_steps)" 0
    [ -e some/where/run/best.safetensors ] || fail "no checkpoints"
}

case_extended() {
    works train "${small[@]}" --epochs 5 --output whole.safetensors
    works train "${small[@]}" --checkpoint run
    works train "${small[@]}" --checkpoint run --resume --epochs 5
    same_files whole.safetensors model.safetensors
}

case_refused_by_name() {
    works train "${small[@]}" --checkpoint run
    rm model.safetensors
    refuses 2 "found the checkpoints of an earlier run" train "${small[@]}" --checkpoint run
    refuses 2 "--batch-size: found 32, the interrupted run had 64" \
        train "${small[@]}" --checkpoint run --resume --batch-size 32
    refuses 2 "optimizer: found sgd" train "${small[@]}" --checkpoint run --resume --optimizer sgd
    refuses 2 '--freeze: found ["dense"], the interrupted run had none' \
        train "${small[@]}" --checkpoint run --resume --freeze dense
    refuses 2 "--on-nan: found ignore, the interrupted run had stop" \
        train "${small[@]}" --checkpoint run --resume --on-nan ignore
    refuses 2 "epochs: found 2" train "${small[@]}" --checkpoint run --resume --epochs 2
    refuses 2 "data: not the images" \
        train "${rest[@]}" --checkpoint run --resume --data "digits:train=640,test=20,seed=1"
    refuses 2 "--resume: found no --checkpoint" train "${small[@]}" --resume
    refuses 2 "--checkpoint-every: found 0" train "${small[@]}" --checkpoint run --checkpoint-every 0
    refuses 2 "--checkpoint-every: found 5x" train "${small[@]}" --checkpoint run --checkpoint-every 5x
    refuses 2 "--time-limit: found soon" train "${small[@]}" --time-limit soon
    refuses 2 "--log: found log.csv with --folds and --checkpoint" \
        train "${small[@]}" --folds 3 --checkpoint folds --log log.csv
    works train "${small[@]}" --checkpoint run --resume-anyway --batch-size 32 --epochs 4
}

case_a_log_is_untouched_when_resuming_is_refused() {
    works train "${small[@]}" --checkpoint run --log log.csv
    cp log.csv before.csv
    run "$convoy" train "${small[@]}" --checkpoint run --log log.csv --resume --seed 9
    equal status "$status" 2
    same_files log.csv before.csv
}

case_damage_is_told_and_passed_over() {
    works train "${small[@]}" --checkpoint run --checkpoint-every 6
    local whole newest
    whole=$(digest)
    newest=$(ls run/checkpoint-* | tail -n 1)
    truncate -s 1000 "$newest"
    works train "${small[@]}" --checkpoint run --resume
    err_has "^convoy: warning: $newest: .*; trying an older one$"
    equal digest "$(digest)" "$whole"
}

# The options of tests/data/checkpoints/README.md.
bars=(--model "$tests/data/checkpoints/bars.json" --data "$tests/data/checkpoints/bars" --epochs 6 --batch-size 4
    --validation-split 0.25 --seed 5 --optimizer adam:use_ema=true --metrics auc --quiet
    --callback early_stopping:patience=3 --callback reduce_lr_on_plateau:patience=1)

case_an_older_checkpoint_is_continued() {
    works train "${bars[@]}" --output whole.safetensors
    mkdir run
    cp "$tests/data/checkpoints/format-1.safetensors" run/checkpoint-000000000014.safetensors
    works train "${bars[@]}" --checkpoint run --resume --json
    equal resumed "$(json_value resumed_steps)" 14
    same_files whole.safetensors model.safetensors
}

# Change metadata of a checkpoint, without changing its length, and make its checksum right again.
change_metadata() {
    local file=$1 sum zeros
    zeros=$(printf '%064d' 0)
    sed -i -E "$2; s/\"checksum\":\"[0-9a-f]{64}\"/\"checksum\":\"$zeros\"/" "$file"
    sum=$(sha256sum "$file" | cut -c1-64)
    sed -i "s/\"checksum\":\"$zeros\"/\"checksum\":\"$sum\"/" "$file"
}

case_a_newer_checkpoint_is_passed_over() {
    works train "${bars[@]}" --checkpoint run --checkpoint-every 5
    local newest whole format
    whole=$(digest)
    newest=$(ls run/checkpoint-* | tail -n 1)
    for format in 9 0 x; do
        change_metadata "$newest" "s/\"checkpoint_format\":\".\"/\"checkpoint_format\":\"$format\"/"
        works train "${bars[@]}" --checkpoint run --resume
        err_has "^convoy: warning: $newest: checkpoint_format: found \"$format\", written by convoy [0-9.]*, expected 1 to [0-9]*; .*; trying an older one$"
        equal digest "$(digest)" "$whole"
    done
    change_metadata "$newest" 's/"checkpoint_format":"."/"checkpoint_format":"2"/'
    works train "${bars[@]}" --checkpoint run --resume
    ! grep -q warning "$scratch/err" || fail "a checkpoint whose checksum was made right is refused"
}

case_folds_go_on() {
    local folds=(--model "$tests/data/checkpoints/bars.json" --data "$tests/data/checkpoints/bars" --folds 3
        --batch-size 4 --quiet --json)
    works train "${folds[@]}" --epochs 4
    cp "$scratch/out" whole
    (exec "$convoy" train "${folds[@]}" --epochs 200000 --checkpoint cut --checkpoint-every 50) >/dev/null 2>"$scratch/err" &
    local job=$!
    until [ -e cut/fold-1/best.safetensors ]; do
        kill -0 $job || fail "ended early"
        sleep 0.05
    done
    kill -TERM $job
    wait $job
    status=$?
    equal status "$status" 143
    err_has 'stopped in fold 1 of 3; the same line with --resume continues it'
    works train "${folds[@]}" --epochs 2 --checkpoint run --checkpoint-every 3
    refuses 2 "found the checkpoints of an earlier run" train "${folds[@]}" --epochs 2 --checkpoint run
    # as after a crash in fold 2
    rm -r run/fold-3 run/fold-2/checkpoint-*[68].safetensors run/fold-2/best.safetensors
    works train "${folds[@]}" --epochs 4 --checkpoint run --resume
    same_files "$scratch/out" whole
}

case_two_runs_in_one_folder() {
    "$convoy" train "${small[@]}" --epochs 100000 --checkpoint run --checkpoint-every 1 >/dev/null 2>&1 &
    local job=$!
    until ls run/checkpoint-* >/dev/null 2>&1; do
        kill -0 $job || fail "ended early"
        sleep 0.05
    done
    refuses_while_running "another run is writing its checkpoints"
    kill -TERM $job
    wait $job
    equal status $? 143
}

refuses_while_running() {
    run "$convoy" train "${small[@]}" --checkpoint run --resume --output other.safetensors
    equal status "$status" 1
    expect_one_error "$1"
}

case_a_signal_says_how_to_go_on() {
    works train "${small[@]}" --epochs 60 --output whole.safetensors
    (exec "$convoy" train --model mlp --data "$(digits 640 20)" --validation-split 0.2 --epochs 60 \
        --checkpoint run --checkpoint-every 3) >"$scratch/out" 2>"$scratch/err" &
    local job=$!
    until ls run/checkpoint-* >/dev/null 2>&1; do
        sleep 0.02
    done
    kill -TERM $job
    wait $job
    status=$?
    equal status "$status" 143
    err_has 'stopped after [0-9]+ updates'
    err_has '^to continue: convoy train .*--checkpoint run .*--resume$'
    local line
    line=$(sed -n 's/^to continue: convoy //p' "$scratch/err")
    # shellcheck disable=SC2086
    works $line --quiet
    same_files whole.safetensors model.safetensors
}

case_a_time_limit_ends_well() {
    works train "${small[@]}" --epochs 1000000 --checkpoint run --time-limit 2s --json
    equal resume "$(json_value resume)" true
    equal stopped "$(json_value stopped)" true
    [ -e run/best.safetensors ] && [ -e model.safetensors ] || fail "nothing was saved"
    below "$(json_value total_seconds)" 20 || fail "it took too long"
    works evaluate model.safetensors --data "$(digits 20 20)"
}

case_a_read_only_folder() {
    [ "$(id -u)" -ne 0 ] || skip "root may write anywhere"
    mkdir run
    chmod 555 run
    refuses 1 "run" train "${small[@]}" --checkpoint run
}

run_cases "$@"
