#!/usr/bin/env bash
# convoy info: the machine, the tables of kinds, models and learning rates.
. "$(dirname "$0")/harness.sh"

# docs/keras.md has a row of each, with the same words.
case_tables_in_the_docs() {
    local table row
    for table in losses metrics activations initializers regularizers constraints; do
        works info --$table
        sed -n -e 's/|/\\|/g' -e 's/^\([a-z][a-z0-9_]*\): \(.*\)$/| `\1` | \2 |/p' "$scratch/out" >rows
        [ "$(wc -l <rows)" -ge 4 ] || fail "info --$table lists few"
        while IFS= read -r row; do
            grep -qF -- "$row" "$tests/../docs/keras.md" || fail "docs/keras.md lacks: $row"
        done <rows
    done
}

case_machine() {
    works info --threads 3
    err_is_empty
    out_has '^convoy        [0-9]+\.[0-9]+\.[0-9]+, (gcc|clang) '
    out_has '^processor     .*: [0-9]+ cores?, [0-9]+ hardware threads?, [0-9]+ sockets?, [0-9]+ NUMA nodes?$'
    out_has '^usable        [0-9]+ cores?, [0-9]+ hardware threads?; (no quota|quota of .* processors)$'
    out_has '^caches        .+$'
    out_has '^SMT           [0-9]+ hardware threads? a core$'
    out_has '^binding       none; train and scale have --bind$'
    out_has '^instructions  (generic|avx2|avx512)$'
    out_has '^products      (avx512|avx2|generic): the best one that runs here$'
    out_has '^threads       3$'
    out_has '^models        cifar-cnn cnn-bn fast inception lenet5 mlp mnist-99 mnist-cnn resnet20$'
}

case_machine_as_json() {
    works info --json
    equal "keys but for BLAS and caches" "$(json_keys |
        sed -e 's/ blas name build core used taming stays_on_its_thread threads_max workers_max/ blas/' \
            -e 's/\( level bytes count\)*//g')" "command version build compiler type flags commit blas \
cpu model cores hardware_threads threads_per_core sockets numa_nodes features caches governor system \
load kernels fp32 chosen reason instructions threads chosen advised allowed_cores \
allowed_hardware_threads quota places warnings"
    equal command "$(json_value command)" info
}

case_warns_of_too_many_threads() {
    works info --threads 99
    out_has '^warning +more threads than cores'
    works info --threads 99 --json
    out_has '"warnings":\["more threads than cores'
}

# LLVM's OpenMP reads the variable itself, and on some machines a bad one ends the program there.
case_thread_doctor_about_what_is_no_number() {
    ! ldd "$convoy" | grep 'libomp\.' >/dev/null || skip "libomp may stop at a bad OMP_NUM_THREADS itself"
    OMP_NUM_THREADS=some run "$convoy" info
    out_has '^warning +OMP_NUM_THREADS is "some", which is not a number'
}

# Each trap has its sentence.
case_thread_doctor() {
    OMP_THREAD_LIMIT=2 run "$convoy" info --threads 3
    out_has '^warning +OMP_THREAD_LIMIT is less than the 3 threads that are wanted: 2 run$'
    out_has '^threads       2$'
    CONVOY_GEMM=openblas run "$convoy" info
    [ "$status" -eq 0 ] || skip "no OpenBLAS installed"
    out_has '^blas          OpenBLAS .*, (openmp|pthread) build, tuned for '
    out_has '^              each worker set it to use one thread.*: measured, and it stays there$'
    CONVOY_GEMM=openblas OPENBLAS_NUM_THREADS=4 run "$convoy" info
    out_has '^warning +OPENBLAS_NUM_THREADS is set, but'
}

case_threads_within_an_affinity_mask() {
    command -v taskset >/dev/null || skip "no taskset here"
    local first
    first=$(taskset -cp $$ | sed -e 's/.*: //' -e 's/[-,].*//')
    run taskset -c "$first" "$convoy" info
    out_has '^threads       1$'
    # OpenMP binds the first thread itself: its places count, not the mask that is left
    OMP_PLACES="{$first}" OMP_PROC_BIND=true run "$convoy" info
    out_has '^usable        1 core, 1 hardware thread;'
    out_has '^threads       1$'
    out_has '^binding       by OpenMP, to 1 place '
    OMP_PLACES="{$first}" OMP_PROC_BIND=true run "$convoy" info --threads 2
    out_has '^warning +OpenMP binds 2 threads to 1 place '
    OMP_PROC_BIND=primary run "$convoy" info --threads 2
    out_has '^warning +OMP_PROC_BIND=primary puts all 2 threads where the first one is$'
}

case_threads_of_the_environment() {
    OMP_NUM_THREADS=1 run "$convoy" info
    out_has '^threads       1$'
    OMP_NUM_THREADS=4,2 run "$convoy" info
    out_has '^threads       4$'
    OMP_NUM_THREADS=4 run "$convoy" info --threads 3
    out_has '^threads       3$'
}

case_forced_kernels() {
    CONVOY_GEMM=reference CONVOY_ISA=generic run "$convoy" info
    out_has '^instructions  generic$'
    out_has '^products      reference: asked for by CONVOY_GEMM$'
    out_has '^warning +matrix products run in plain loops'
    CONVOY_ISA=generic run "$convoy" info
    out_has '^products      generic: the best one that goes with CONVOY_ISA$'
    CONVOY_GEMM=generic run "$convoy" info
    out_has '^products      generic: asked for by CONVOY_GEMM$'
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
    out_has '^  clipnorm +none +a number, at least 0, or none  '
    out_has '^  gradient_accumulation_steps +none +a whole number, at least 2, or none  '
    out_has '^schedule_free_adamw: '
    works info --schedules
    out_has '^exponential_decay: '
    works info --layers
    out_has '^conv2d: '
    out_has '^max_pooling2d: '
    works info --callbacks
    out_has '^early_stopping: '
    out_has '^  baseline +none +a number, or none  '
    out_has '^  filepath +\(required\)  '
    works info --losses
    out_has '^sparse_categorical_crossentropy: '
}

case_tables_of_kinds_as_json() {
    for table in optimizers schedules losses callbacks datasets layers; do
        works info --$table --json
        equal "first keys" "$(json_keys | cut -d' ' -f1-5)" "command $table name summary settings"
    done
    works info --optimizers --json
    out_has '\{"name":"momentum","default":"0","range":"a number in \[0, 1\]","help":"'
}

case_every_built_in_model() {
    for model in cifar-cnn cnn-bn fast inception lenet5 mlp mnist-99 mnist-cnn resnet20; do
        works info $model
        out_has '^layer +kind +output +parameters +FLOPs$'
        out_has '^[0-9,]+ parameters(, [0-9,]+ of them state)?; [0-9,]+ FLOPs an image forward, [0-9,]+ in training$'
    done
    works info lenet5
    out_has '^lenet5, input 28 x 28 x 1$'
    out_has '^61,706 parameters; '
    works info cnn-bn
    out_has '^57,050 parameters, 224 of them state; '
    works info mnist-cnn
    out_has '^1,199,882 parameters; '
}

case_model_as_json() {
    works info mlp --json
    local layer="name kind output parameters flops" layers='' i
    for ((i = 0; i < $(grep -o '"kind"' "$scratch/out" | wc -l); i++)); do layers+=" $layer"; done
    equal keys "$(json_keys)" "command model input layers$layers parameters flops training_flops \
trained_parameters"
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
    out_has '^by adam, rate constant:learning_rate=0.001$' # what differs from the defaults
    works info m.safetensors --json
    out_has ',"training":\{.*\}\}$'
    cp "$tests/../models/lenet5.json" a.json
    works info a.json
    ! grep -q '^trained' "$scratch/out" || fail "an untrained model tells of training"
}

# The digest in one line, without its bars.
digest() {
    sed -e 's/ *#*$//' -e 's/^ *//' -e 's/  */ /g' "$scratch/out" | paste -sd ' '
}

case_learning_rates() {
    local spec=exponential_decay:initial_learning_rate=0.1,decay_steps=2,decay_rate=0.25
    works info --learning-rate $spec --steps 5
    equal rates "$(digest)" "step rate share of the highest 0 0.1 1 0.05 2 0.025 3 0.0125 4 0.00625"
    works info --learning-rate $spec,staircase=true --steps 5 --json
    equal json "$(cat "$scratch/out")" "{\"command\":\"info\",\"learning_rate\":{\"spec\":\
\"$spec,staircase=true\",\"rates\":[0.1,0.1,0.025,0.025,0.00625]}}"
    works info --learning-rate 0.5
    equal digest "$(digest)" "step rate share of the highest 0 0.5"
    refuses 2 'learning rate: unknown name "cosin' info --learning-rate cosin
    refuses 2 'decay_rate is missing' info \
        --learning-rate exponential_decay:initial_learning_rate=0.1,decay_steps=2
}

case_learning_rates_in_parts_and_epochs() {
    works info --learning-rate 'piecewise_constant_decay:boundaries=[3;700],values=[0.1;0.01;0.2]'
    equal parts "$(digest)" "step rate share of the highest 0 0.1 4 0.01 701 0.2"
    works info --steps-per-epoch 30 --steps 100 --learning-rate \
        step_decay:initial_learning_rate=0.1,decay_epochs=2,decay_rate=0.5
    equal epochs "$(digest)" "step rate share of the highest 0 0.1 60 0.05"
    works info --learning-rate constant:learning_rate=0.1,warmup_steps=2 --steps 4
    equal warm-up "$(digest)" "step rate share of the highest 0 0 1 0.05 2 0.1"
    works info --json --steps 4 --learning-rate \
        'piecewise_constant_decay:boundaries=[1;2],values=[3;2;1]'
    out_has '"rates":\[3.0,3.0,2.0,1.0\]'
}

# As many rows as a person reads, from the first step to the last, with the peak among them.
case_long_learning_rates_are_digested() {
    local steps last
    while read -r steps last; do
        works info --learning-rate one_cycle:max_learning_rate=0.5 --steps "$steps"
        equal rows "$(wc -l <"$scratch/out")" 19
        equal "first and last" "$(awk 'NR == 2 || NR == 19 { print $1 }' "$scratch/out" |
            paste -sd ' ')" "0 $last"
        [ "$steps" = 19 ] || out_has '  0.5 +#{40}$' # 19 have no step at the very peak
    done <<'END'
19 18
100 99
54321 54,320
END
}

case_settings_of_schedules_that_cannot_be() {
    local rate=initial_learning_rate=0.1
    refuses 2 'decay_steps: found "0", expected a number above 0' info \
        --learning-rate polynomial_decay:$rate,decay_steps=0
    refuses 2 'boundaries: found 3 after 7, expected increasing numbers' info \
        --learning-rate 'piecewise_constant_decay:boundaries=[7;3],values=[1;2;3]'
    refuses 2 'values: found 2 for 2 boundaries, expected 3' info \
        --learning-rate 'piecewise_constant_decay:boundaries=[3;7],values=[1;2]'
    refuses 2 'initial_learning_rate: found "-1", expected a number, at least 0' info \
        --learning-rate cosine_decay:initial_learning_rate=-1,decay_steps=5
    refuses 2 'unknown setting "warmup"' info \
        --learning-rate cosine_decay:$rate,decay_steps=5,warmup=5
    refuses 2 'boundaries: found 3 after 7' train \
        --learning-rate 'piecewise_constant_decay:boundaries=[7;3],values=[1;2;3]'
}

case_plots() {
    command -v gnuplot >/dev/null || skip "no gnuplot here"
    works info --learning-rate one_cycle:max_learning_rate=0.01 --plot rate.svg
    out_has '^wrote rate.svg$'
    grep -q '^<svg' rate.svg || fail "expected SVG"
    grep -q '>one_cycle:max_learning_rate=0.01</text>' rate.svg || grep -q 'one_cycle:max_learning_rate=0.01' rate.svg ||
        fail "expected the spec as subtitle"
    grep -q '0.010' rate.svg || fail "expected a tick at the peak"
    cp rate.svg linear.svg
    works info --learning-rate one_cycle:max_learning_rate=0.01 --plot rate.svg --log-scale --json
    out_has '\]\},"plot":"rate.svg"\}$'
    ! cmp -s rate.svg linear.svg || fail "a logarithmic plot is another one"
    works info --learning-rate 0 --steps 5 --plot rate.svg --log-scale
    if command -v python3 >/dev/null; then
        python3 -c 'import sys, xml.dom.minidom as d; [d.parse(f) for f in sys.argv[1:]]' \
            rate.svg linear.svg || fail "expected well-formed XML"
    fi
    refuses 1 'nowhere/rate.svg' info --learning-rate 0.1 --plot nowhere/rate.svg
}

case_plot_without_gnuplot() {
    mkdir empty
    PATH=$PWD/empty run "$convoy" info --learning-rate 0.1 --plot rate.svg
    equal status "$status" 1
    err_has '^convoy: .*rate.svg: gnuplot, which draws it, is not installed$'
    [ ! -e rate.svg ] || fail "a picture without gnuplot"
}

case_plots_that_cannot_be() {
    refuses 2 'plot: found without --learning-rate' info --plot rate.svg
    refuses 2 'unknown name "cosin"' info --learning-rate cosin --plot rate.svg
}

run_cases "$@"
