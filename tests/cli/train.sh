#!/usr/bin/env bash
# convoy train: what it prints, what it writes, and that threads change nothing.
. "$(dirname "$0")/harness.sh"

small=(--data "$(digits 2000 500)" --epochs 2)
tiny=(--data "$(digits 100 20)" --epochs 1)

case_says_what_it_does() {
    works train "${small[@]}"
    out_has '^lenet5 on digits: 61,706 parameters, [0-9]+ threads?$'
    out_has '^images: 2,000 for training, 0 for validation, [0-9,]+ for the test$'
    out_has '^test accuracy [0-9.]+%, loss [0-9.]+ \(500 images it never saw\)$'
    out_has '^trained 61,706 parameters in .*s \(.*s in all\)$'
    out_has '^weights sha256 [0-9a-f]{64}$'
    out_has '^saved to model.safetensors$'
    equal "lines on stderr" "$(wc -l <"$scratch/err")" 2
    err_has '^epoch 1/2  .* img/s  loss [0-9.]+  acc [0-9.]+%$'
    err_has '^epoch 2/2  '
    equal files "$(ls -A)" model.safetensors
}

case_learns() {
    works train "${small[@]}" --json
    local first last
    first=$(grep -o '"epoch":1,.*' "$scratch/out" | grep -o '"loss":[0-9.e-]*' | head -n 1)
    last=$(grep -o '"epoch":2,.*' "$scratch/out" | grep -o '"loss":[0-9.e-]*' | head -n 1)
    below "${last#*:}" "${first#*:}" || fail "the loss grows from $first to $last"
}

case_json_has_the_keys_it_should() {
    works train --data "$(digits 400 50)" --epochs 2 --validation-split 0.1 --json
    local epoch="epoch steps learning_rate loss accuracy val_loss val_accuracy seconds images_per_second"
    equal "lines on stdout" "$(wc -l <"$scratch/out")" 1
    local common="weight_decay clipnorm global_clipnorm clipvalue use_ema ema_momentum \
ema_overwrite_frequency gradient_accumulation_steps loss_scale_factor exclude_from_weight_decay"
    equal keys "$(json_keys)" "command version model parameters data name train validation test classes \
optimizer name learning_rate beta_1 beta_2 epsilon amsgrad $common learning_rate name learning_rate warmup_steps \
warmup_start loss class_weight callbacks batch_size threads ranks precision gemm isa kernels instructions seed epochs $epoch $epoch events test loss accuracy \
train_seconds total_seconds steps stopped weights_sha256 output warnings warm_start skipped_steps wire fast_reduce resume resumed_steps checkpoint"
    equal command "$(json_value command)" train
    equal model "$(json_value model)" lenet5
    equal parameters "$(json_value parameters)" 61706
    equal train "$(json_value train)" 360
    equal validation "$(json_value validation)" 40
    equal batch_size "$(json_value batch_size)" 64
    equal ranks "$(json_value ranks)" 1
    equal output "$(json_value output)" model.safetensors
    out_has '"test":50,"classes":10\}'
    out_has '"steps":12,"stopped":false,' # 2 x 6: 5 full batches and one of 40
    out_has '"weights_sha256":"[0-9a-f]{64}"'
}

case_validation_split_shows_in_every_report() {
    works train "${tiny[@]}" --validation-split 0.2 --log log.csv
    err_has 'val_loss [0-9.]+  val_acc [0-9.]+%$'
    sed -n 2p log.csv | grep -qE '^1,2,0.001,[0-9.]+,[0-9.]+,[0-9.]+,[0-9.]+,[0-9.e-]+,[0-9.e+]+$' ||
        fail "log.csv: $(cat log.csv)"
}

case_logs_csv() {
    works train --data "$(digits 200 20)" --epochs 2 --log log.csv
    equal header "$(head -n 1 log.csv)" \
        epoch,steps,learning_rate,loss,accuracy,val_loss,val_accuracy,seconds,images_per_second
    equal lines "$(wc -l <log.csv)" 3
    [ "$(grep -cE '^[12],4,0.001,[0-9.e-]+,[0-9.e-]+,,,[0-9.e-]+,[0-9.e+]+$' log.csv)" -eq 2 ] ||
        fail "log.csv: $(cat log.csv)"
}

case_logs_json_lines() {
    works train "${tiny[@]}" --epochs 2 --log log.jsonl
    cp log.jsonl "$scratch/out"
    equal lines "$(wc -l <log.jsonl)" 2
    equal keys "$(json_keys)" "epoch steps learning_rate loss accuracy seconds images_per_second \
epoch steps learning_rate loss accuracy seconds images_per_second"
}

# Under Keras's names in the line of an epoch, in the log, in JSON, and for callbacks.
case_metrics() {
    local run="--data digits:train=60,test=10 --epochs 1 --validation-split 0.2 --output m.safetensors"
    works train $run --metrics auc,precision:class_id=3 --log log.csv
    err_has '^epoch 1/1  .*  auc [0-9.]+  val_auc [0-9.]+  precision [0-9.]+  val_precision [0-9.]+$'
    equal header "$(head -n 1 log.csv)" "epoch,steps,learning_rate,loss,accuracy,val_loss,val_accuracy,seconds,\
images_per_second,auc,val_auc,precision,val_precision"
    works train $run --metrics auc --callback early_stopping:monitor=val_auc --json
    out_has '"auc":[0-9.]+,"val_auc":[0-9.]+'
    out_has '"test":\{"loss":[0-9.]+,"accuracy":[0-9.]+,"auc":[0-9.]+\}'
    local auc; auc=$(grep -o '"test":{[^}]*' "$scratch/out" | grep -o '"auc":.*')
    works evaluate m.safetensors --data digits:train=60,test=10 --metrics auc,precision --json
    out_has "$auc,\"precision\":[0-9.]+\}$"
    works evaluate m.safetensors --data digits:train=60,test=10 --metrics auc --threads 2
    out_has '^auc       [0-9.]+$'
    refuses 2 'metric: unknown name "auk"' evaluate m.safetensors --metrics auk
    refuses 2 'monitor: unknown value "val_auc"' \
        train $run --callback early_stopping:monitor=val_auc,mode=max
}

case_log_needs_a_known_ending() {
    refuses 2 '--log: found "log.txt"' train "${tiny[@]}" --log log.txt
    refuses 1 'No such file' train "${tiny[@]}" --log nowhere/log.csv
}

case_quiet_prints_no_progress() {
    works train "${tiny[@]}" --quiet
    err_is_empty
    out_has '^weights sha256'
    works train "${tiny[@]}" --quiet --json
    err_is_empty
}

case_output_goes_where_it_is_told() {
    mkdir models
    works train "${tiny[@]}" --output models/a.safetensors
    out_has '^saved to models/a.safetensors$'
    equal files "$(ls -A) $(ls -A models)" "models a.safetensors"
    works train "${tiny[@]}" --output models/a.safetensors # an older one is replaced
    works info models/a.safetensors
}

case_limit_and_steps_cut_short() {
    works train --data "$(digits 500 20)" --epochs 2 --limit 300 --json
    equal train "$(json_value train)" 300
    out_has '"steps":10,"stopped"' # 2 x (4 x 64 + 44)
    works train --data "$(digits 500 20)" --epochs 2 --steps 7 --json
    out_has '"epochs":\[\{"epoch":1,"steps":7,[^]]*\}\]'
    out_has '"steps":7,"stopped":false'
    works train --data "$(digits 500 20)" --epochs 2 --steps 12 --json
    out_has '"epoch":2,"steps":4,'
    works train --data "$(digits 500 20)" --epochs 2 --limit 5000 --steps 1 --json
    equal train "$(json_value train)" 500
}

case_batch_sizes() {
    works train "${tiny[@]}" --batch-size full --json
    equal batch_size "$(json_value batch_size)" 100
    out_has '"steps":1,"stopped"'
    works train "${tiny[@]}" --batch-size 1 --json --model mlp
    equal batch_size "$(json_value batch_size)" 1
    out_has '"steps":100,"stopped"'
    works train "${tiny[@]}" --batch-size 1000 --json
    equal batch_size "$(json_value batch_size)" 100
}

case_learning_rates() {
    works train "${tiny[@]}" --learning-rate 0.01 --json
    out_has '"learning_rate":\{"name":"constant","learning_rate":0.01,'
    local spec=exponential_decay:initial_learning_rate=0.1,decay_steps=1,decay_rate=0.5,staircase=true
    works train "${tiny[@]}" --learning-rate $spec --json
    out_has '"learning_rate":\{"name":"exponential_decay","initial_learning_rate":0.1,"decay_steps":1'
    out_has '"epochs":\[\{"epoch":1,"steps":2,"learning_rate":0.05,' # of the second update
    works train "${tiny[@]}" --json \
        --learning-rate 'piecewise_constant_decay:boundaries=[0],values=[0.1;0.05]'
    out_has '"learning_rate":\{"name":"piecewise_constant_decay","boundaries":\[0.0\],"values":\[0.1,0.05\],'
    out_has '"epochs":\[\{"epoch":1,"steps":2,"learning_rate":0.05,'
    works train "${tiny[@]}" --json --learning-rate cosine_decay:initial_learning_rate=0.1,decay_steps=4
    out_has '"warmup_target":null,'
    works train "${tiny[@]}" --optimizer sgd --json
    out_has '"learning_rate":\{"name":"constant","learning_rate":0.01,' # the optimizer's own
}

case_optimizers() {
    works train "${tiny[@]}" --optimizer sgd:momentum=0.9,nesterov=true --json
    out_has '"optimizer":\{"name":"sgd","learning_rate":0.01,"momentum":0.9,"nesterov":true,'
    local first
    first=$(json_value weights_sha256)
    works train "${tiny[@]}" --optimizer sgd:momentum=0.9 --json
    [ "$(json_value weights_sha256)" != "$first" ] || fail "nesterov changes nothing"
    works train "${tiny[@]}" --optimizer adam:beta_1=0.8,amsgrad=true --json
    out_has '"beta_1":0.8,.*"amsgrad":true'
}

case_every_optimizer() {
    local name
    for name in sgd adagrad rmsprop adam adamw adadelta adamax nadam ftrl lion lamb adafactor muon \
        schedule_free_adamw; do
        works train "${tiny[@]}" --optimizer $name --json
        out_has "\"optimizer\":\{\"name\":\"$name\",.*\"exclude_from_weight_decay\":\"\[\]\"\}"
    done
}

case_what_every_optimizer_can_do() {
    works train "${tiny[@]}" --json --optimizer \
        "adam:weight_decay=0.01,exclude_from_weight_decay=[bias],clipnorm=1,use_ema=true"
    out_has '"weight_decay":0.01,"clipnorm":1.0,"global_clipnorm":null,'
    out_has '"use_ema":true,"ema_momentum":0.99,"ema_overwrite_frequency":null,'
    out_has '"exclude_from_weight_decay":"\[bias\]"'
    works train "${tiny[@]}" --json --optimizer \
        sgd:gradient_accumulation_steps=2,loss_scale_factor=16,clipvalue=0.1
    out_has '"clipvalue":0.1,.*"gradient_accumulation_steps":2,"loss_scale_factor":16.0'
}

case_losses() {
    works train "${tiny[@]}" --loss mean_squared_error --json
    equal loss "$(json_value loss)" mean_squared_error
    works train "${tiny[@]}" --loss mean_absolute_error
    refuses 2 'categorical' train "${tiny[@]}" --loss sparse_categorical_crossentropi
}

# For each model file: 70 images in batches of 32 leave a last one of 6; a batch of 2 is smaller than 3
# threads.
same_for_any_threads() {
    local model=$1 batch=$2 threads digest
    for threads in 1 2 3 4; do
        works train --data "$(digits 70 20)" --model "$model" --batch-size "$batch" --epochs 1 \
            --steps 12 --threads "$threads" --output "$threads.safetensors" --json
        digest=${digest:-$(json_value weights_sha256)}
        equal "$model, batches of $batch, $threads threads" "$(json_value weights_sha256)" "$digest"
    done
    for threads in 2 3 4; do
        same_files 1.safetensors $threads.safetensors
    done
}

# Far more workers than lanes and cores, each with its buffer of OpenBLAS's.
case_a_hundred_threads_change_nothing() {
    local threads digest
    for threads in 1 100; do
        works train --quiet --model lenet5 --data "$(digits 400 100)" --batch-size 64 --steps 3 \
            --threads $threads --output $threads.safetensors --json
        [ "$threads" -gt 1 ] || digest=$(json_value weights_sha256)
        equal "digest with $threads threads" "$(json_value weights_sha256)" "$digest"
    done
    same_files 1.safetensors 100.safetensors
    for threads in 1 100; do
        works evaluate 1.safetensors --data "$(digits 10 2000)" --threads $threads --json
        [ "$threads" -gt 1 ] || digest=$(json_value loss)
        equal "loss with $threads threads" "$(json_value loss)" "$digest"
    done
    err_is_empty
}

case_threads_change_nothing_in_lenet5() {
    same_for_any_threads lenet5 32
    same_for_any_threads lenet5 2
}

case_threads_change_nothing_in_fast() {
    same_for_any_threads fast 32
    same_for_any_threads fast 2
}

case_threads_change_nothing_in_mlp() {
    same_for_any_threads mlp 32
    same_for_any_threads mlp 2
}

case_threads_change_nothing_in_mnist_cnn() {
    same_for_any_threads mnist-cnn 32
    same_for_any_threads mnist-cnn 2
}

case_threads_come_from_the_environment() {
    OMP_NUM_THREADS=3 run "$convoy" train "${tiny[@]}" --json
    equal threads "$(json_value threads)" 3
    OMP_NUM_THREADS=3 run "$convoy" train "${tiny[@]}" --threads 2 --json
    equal threads "$(json_value threads)" 2
}

case_seed_decides() {
    local first
    works train "${tiny[@]}" --json
    first=$(json_value weights_sha256)
    works train "${tiny[@]}" --json --seed 0
    equal "seed 0" "$(json_value weights_sha256)" "$first"
    works train "${tiny[@]}" --json --seed 1
    [ "$(json_value weights_sha256)" != "$first" ] || fail "the seed changes nothing"
}

case_trains_a_model_from_a_file() {
    cp "$tests/../models/mlp.json" my.json
    works train "${tiny[@]}" --model mlp --json
    local first
    first=$(json_value weights_sha256)
    works train "${tiny[@]}" --model my.json --json
    equal weights "$(json_value weights_sha256)" "$first"
}

case_plain_lines_where_there_is_no_terminal() {
    NO_COLOR=1 TERM=xterm run "$convoy" train "${tiny[@]}"
    ! grep -q "$(printf '[\033\r]')" "$scratch/out" "$scratch/err" || fail "found escapes or returns"
    TERM=xterm run "$convoy" train --epoch 3
    ! grep -q "$(printf '\033')" "$scratch/err" || fail "found escapes in an error"
}

# A single output says yes or no, or a number; ten classes are neither.
case_one_output_takes_labels_0_and_1() {
    local loss net=tests.json
    printf '%s' '{"class_name":"Sequential","config":{"layers":[
        {"class_name":"InputLayer","config":{"batch_shape":[null,28,28,1]}},{"class_name":"Flatten","config":{}},
        {"class_name":"Dense","config":{"units":1,"activation":"sigmoid"}}]}}' >$net
    for loss in binary_crossentropy binary_focal_crossentropy hinge squared_hinge categorical_hinge kl_divergence; do
        refuses 1 "labels up to 9, but the loss $loss of the one output" train --model $net --loss $loss \
            --data "$(digits 100 20)"
    done
    refuses 1 'labels up to 9, but the loss binary_crossentropy' train --model $net --data "$(digits 100 20)"
    for loss in mean_squared_error poisson; do
        works train --model $net --loss $loss --data "$(digits 100 20)" --epochs 1 --quiet
    done
    refuses 1 'labels up to 9' train --model $net --folds 2 --data "$(digits 100 20)"
    works data convert "$(digits 100 20)" --to folders --output two
    rm -r two/train/[2-9] two/test/[2-9]
    works train --model $net --data two --epochs 1 --quiet
    refuses 1 'labels up to 9' evaluate model.safetensors --data "$(digits 100 20)"
}

run_cases "$@"
