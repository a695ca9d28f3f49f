#!/usr/bin/env bash
# convoy info: the machine, the tables of kinds, models and learning rates.
. "$(dirname "$0")/harness.sh"

case_machine() {
    works info --threads 3
    err_is_empty
    out_has '^convoy        [0-9]+\.[0-9]+\.[0-9]+, (gcc|clang) '
    out_has '^processor     .*, [0-9]+ cores, [0-9]+ usable here$'
    out_has '^instructions  (generic|avx2|avx512)$'
    out_has '^products      (openblas|reference): the best one in this build$'
    out_has '^threads       3$'
    out_has '^models        fast lenet5 mlp mnist-cnn$'
}

case_machine_as_json() {
    works info --json
    equal "keys but for BLAS" "$(json_keys | sed 's/ blas name build core/ blas/')" "command version \
build compiler blas cpu model cores features kernels fp32 chosen reason instructions threads chosen \
allowed cores warnings"
    equal command "$(json_value command)" info
}

case_warns_of_too_many_threads() {
    works info --threads 1024
    out_has '^warning +more threads than cores'
    works info --threads 1024 --json
    out_has '"warnings":\["more threads than cores'
}

case_forced_kernels() {
    CONVOY_GEMM=reference CONVOY_ISA=generic run "$convoy" info
    out_has '^instructions  generic$'
    out_has '^products      reference: asked for by CONVOY_GEMM$'
    out_has '^warning +matrix products run in plain loops'
    CONVOY_ISA=mmx run "$convoy" info
    equal status "$status" 2
    expect_one_error mmx
    CONVOY_GEMM=mkl run "$convoy" info
    equal status "$status" 2
    expect_one_error mkl
}

case_tables_of_kinds() {
    works info --optimizers
    out_has '^sgd: '
    out_has '^  momentum +0 +a number in \[0, 1\]  '
    works info --schedules
    out_has '^exponential_decay: '
    works info --layers
    out_has '^conv2d: '
    out_has '^max_pooling2d: '
    works info --losses
    out_has '^sparse_categorical_crossentropy: '
}

case_tables_of_kinds_as_json() {
    for table in optimizers schedules losses datasets layers; do
        works info --$table --json
        equal "first keys" "$(json_keys | cut -d' ' -f1-5)" "command $table name summary settings"
    done
    works info --optimizers --json
    out_has '\{"name":"momentum","default":"0","range":"a number in \[0, 1\]","help":"'
}

case_every_built_in_model() {
    for model in fast lenet5 mlp mnist-cnn; do
        works info $model
        out_has '^layer +kind +output +parameters +FLOPs$'
        out_has '^[0-9,]+ parameters; [0-9,]+ FLOPs an image forward, [0-9,]+ in training$'
    done
    works info lenet5
    out_has '^lenet5, input 28 x 28 x 1$'
    out_has '^61,706 parameters; '
    works info mnist-cnn
    out_has '^1,199,882 parameters; '
}

case_model_as_json() {
    works info mlp --json
    local layer="name kind output parameters flops" layers='' i
    for ((i = 0; i < $(grep -o '"kind"' "$scratch/out" | wc -l); i++)); do layers+=" $layer"; done
    equal keys "$(json_keys)" "command model input layers$layers parameters flops training_flops"
    equal model "$(json_value model)" mlp
    out_has '"input":\[28,28,1\],"layers":\[\{"name":"'
    local parts
    parts=$(grep -o '"output":[^]]*\],"parameters":[0-9]*' "$scratch/out" |
        awk -F: '{ sum += $NF } END { print sum }')
    out_has "\],\"parameters\":$parts,\"flops\":"
}

case_saved_model_tells_how_it_was_trained() {
    make_model m.safetensors
    works info m.safetensors
    out_has '^trained on [0-9,]+ images of digits: [0-9,]+ epochs, '
    works info m.safetensors --json
    out_has ',"training":\{.*\}\}$'
    cp "$tests/../models/lenet5.json" a.json
    works info a.json
    ! grep -q '^trained' "$scratch/out" || fail "an untrained model tells of training"
}

case_learning_rates() {
    local spec=exponential_decay:initial_learning_rate=0.1,decay_steps=2,decay_rate=0.25
    works info --learning-rate $spec --steps 5
    equal rates "$(paste -sd ' ' "$scratch/out")" "1 0.1 2 0.05 3 0.025 4 0.0125 5 0.00625"
    works info --learning-rate $spec,staircase=true --steps 5 --json
    equal json "$(cat "$scratch/out")" "{\"command\":\"info\",\"learning_rate\":{\"spec\":\
\"$spec,staircase=true\",\"rates\":[0.1,0.1,0.025,0.025,0.00625]}}"
    works info --learning-rate 0.5
    equal lines "$(wc -l <"$scratch/out")" 10
    refuses 2 'learning rate: unknown name "cosin' info --learning-rate cosin
    refuses 2 'decay_rate is missing' info \
        --learning-rate exponential_decay:initial_learning_rate=0.1,decay_steps=2
}

run_cases "$@"
