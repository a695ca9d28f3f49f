#!/usr/bin/env bash
# convoy train on several processes: the same bits as on one, one voice, and one end.
. "$(dirname "$0")/harness.sh"

# CONVOY_TEST_LAUNCHER: the mpiexec of another MPI, as scripts/mpich.sh has it. Without these options Open MPI's
# refuses to run as root, or to start more ranks than there are cores.
if [ -n "${CONVOY_TEST_LAUNCHER:-}" ]; then
    launcher=("$CONVOY_TEST_LAUNCHER")
else
    launcher=(mpirun --oversubscribe -q)
    [ "$(id -u)" -ne 0 ] || launcher+=(--allow-run-as-root)
fi
# mpirun asks for this machine's name, for five seconds where no server answers
export RES_OPTIONS='timeout:1 attempts:1'
small=(--data "$(digits 300 60)" --epochs 1 --quiet)

# ranks COUNT ARGUMENTS...: convoy with them on so many ranks.
ranks() {
    local count=$1
    shift
    run timeout 300 "${launcher[@]}" -n "$count" "$convoy" "$@"
}

needs_module() {
    [ -z "${CONVOY_TEST_LAUNCHER:-}" ] || return 0
    command -v mpirun >"$scratch/mpirun" || skip "no mpirun"
    mpirun --version 2>&1 | head -n 1 | grep -qF 'Open MPI' || skip "not the mpirun of Open MPI"
    [ -e "$(dirname "$convoy")/convoy_mpi.so" ] || skip "built without the module for MPI"
}

# same_bits NAME ARGUMENTS...: one process and several ranks, of one thread or two, save the same file.
setups=3x2
same_bits() {
    local name=$1 setup count threads
    shift
    works train "${small[@]}" "$@" --threads 1 --output one.safetensors
    for setup in $setups; do
        count=${setup%x*} threads=${setup#*x}
        ranks "$count" train "${small[@]}" "$@" --threads "$threads" --output several.safetensors
        [ "$status" -eq 0 ] || fail "$name on $count ranks: expected status 0"
        same_files one.safetensors several.safetensors
    done
}

case_same_bits_of_each_kind_of_network() {
    needs_module
    local model setups="2x1 3x2"
    for model in lenet5 cnn-bn; do
        same_bits "$model" --model "$model" --steps 3
    done
}

# Color images in CIFAR's form, 16 in each file: labels in turn, and the program's own bytes for pixels.
make_cifar() {
    local i file
    mkdir -p c/cifar-10-batches-bin
    for ((i = 0; i < 96; i++)); do
        file=$((i / 16 + 1))
        [ "$file" -le 5 ] && file=data_batch_$file.bin || file=test_batch.bin
        {
            bytes "$(printf '%03o' $((i % 10)))"
            tail -c "+$((5000 * i + 1))" "$convoy" | head -c 3072
        } >>c/cifar-10-batches-bin/$file
    done
    printf '%s\n' airplane automobile bird cat deer dog frog horse ship truck \
        >c/cifar-10-batches-bin/batches.meta.txt
}

# Three lanes on two ranks of two threads, for the models that the case above leaves out; scripts/ranks.sh has a longer
# table.
case_same_bits_of_the_other_built_in_models() {
    needs_module
    local model data
    make_cifar
    for model in $("$convoy" info | sed -n 's/^models *//p'); do
        case $model in lenet5 | cnn-bn) continue ;; esac
        data=$(digits 48 10)
        case $model in cifar-cnn | inception | resnet20) data=c ;; esac
        works train --data "$data" --model "$model" --batch-size 48 --epochs 1 --steps 1 --quiet --threads 1 \
            --output one.safetensors
        ranks 2 train --data "$data" --model "$model" --batch-size 48 --epochs 1 --steps 1 --quiet --threads 2 \
            --output several.safetensors
        [ "$status" -eq 0 ] || fail "$model: expected status 0"
        same_files one.safetensors several.safetensors
    done
}

# With large batches each rank sums the gradients of some weights only.
case_same_bits_where_sums_are_divided() {
    needs_module
    same_bits lenet5 --model lenet5 --batch-size 256
    same_bits "cnn-bn" --model cnn-bn --batch-size full --optimizer muon:global_clipnorm=0.5
    same_bits "wire" --model lenet5 --batch-size full --wire bf16
    same_bits shared --model "$tests/data/graphs/shared.json" --batch-size full
    local small=(--data "$(digits 1100 10)" --epochs 1 --quiet) # two grains
    same_bits grains --model mlp --batch-size full
    # 19 lanes on two ranks: 10 of 68 kB together, or each half of x, all of dy and half of the gradients
    small=(--data "$(digits 300 10)" --epochs 1 --quiet)
    ranks 2 train "${small[@]}" --model mlp --batch-size full --json
    local bytes
    bytes=$(grep -oE '"exchange":\{[^}]*' "$scratch/out" | grep -oE '"bytes":[0-9]*' | cut -d: -f 2)
    below 540000 "$bytes" || fail "too few bytes"
    below "$bytes" 610000 || fail "too many bytes"
}

# Weights that several layers of a network use.
case_same_bits_of_shared_weights() {
    needs_module
    same_bits shared --model "$tests/data/graphs/shared.json" --steps 2
}

case_same_bits_of_rules_that_look_at_whole_variables() {
    needs_module
    same_bits muon --optimizer muon --steps 4
    same_bits lamb --steps 6 --metrics auc --validation-split 0.2 \
        --optimizer lamb:global_clipnorm=0.5,use_ema=true,gradient_accumulation_steps=2
}

case_same_bits_of_any_batch() {
    needs_module
    same_bits full --model mlp --batch-size full --augment mixup --epochs 2
    same_bits odd --model mlp --batch-size 17 --steps 5
}

case_more_ranks_than_lanes() {
    needs_module
    local setups=7x1
    same_bits small --model mlp --batch-size 16 --steps 5
}

case_the_leader_alone_prints_and_writes() {
    needs_module
    ranks 3 train "${small[@]}" --model mlp --epochs 2 --validation-split 0.2 --json --log log.csv \
        --callback csv_logger:filename=keras.csv --output model.safetensors
    [ "$status" -eq 0 ] || fail "expected status 0"
    fits_schema train
    equal ranks "$(json_value ranks)" 3
    err_is_empty
    equal lines "$(wc -l <log.csv) $(wc -l <keras.csv)" "3 3"
    ranks 3 --version
    equal lines "$(wc -l <"$scratch/out")" 1
    ranks 3 info lenet5
    [ "$(grep -c conv2d_1 "$scratch/out")" -eq 1 ] || fail "more than one rank printed"
}

case_folds() {
    needs_module
    works train "${small[@]}" --model mlp --folds 3
    local alone
    alone=$(cat "$scratch/out")
    ranks 2 train "${small[@]}" --model mlp --folds 3
    equal folds "$(cat "$scratch/out")" "$alone"
}

# Everything that runs have in files but for what they took: seconds, and the load of the machine.
runs_of() {
    cat "$1"/runs/*.json | tr ',{}' '\n' | grep -vE 'seconds|load'
}

case_compare_shares_out_its_runs() {
    needs_module
    local study=(compare --data "$(digits 300 60)" --model mlp --optimizer sgd --optimizer adam
        --seeds 3 --epochs 2 --cost-repeats 0 --quiet)
    works "${study[@]}" --report alone
    ranks 3 "${study[@]}" --report together
    [ "$status" -eq 0 ] || fail "expected status 0"
    equal reports "$(grep -c '^report in' "$scratch/out")" 1
    runs_of alone >alone.txt
    runs_of together >together.txt
    [ "$(grep -c weights_sha256 alone.txt)" -eq 6 ] || fail "not six runs"
    same_files alone.txt together.txt
}

# What is passed on as bf16 is rounded in one process too; a run that began with fp32 does not go on with it.
case_bf16_on_the_wire_is_the_same_for_any_number_of_ranks() {
    needs_module
    same_bits "wire lenet5" --model lenet5 --steps 3 --wire bf16
    same_bits "wire cnn-bn" --model cnn-bn --steps 2 --wire bf16
    ranks 3 train "${small[@]}" --model lenet5 --steps 3 --wire bf16 --json --output bf16.safetensors
    equal wire "$(json_value wire)" bf16
    fits_schema train
    works train "${small[@]}" --model lenet5 --steps 3 --output fp32.safetensors
    cmp -s bf16.safetensors fp32.safetensors && fail "nothing was rounded"
    works info bf16.safetensors --json
    grep -qF '"wire":"bf16"' "$scratch/out" || fail "the record does not say so"
    works train "${small[@]}" --model mlp --steps 3 --checkpoint run
    refuses 2 '--wire: found bf16, the interrupted run had fp32' train "${small[@]}" --model mlp --steps 5 \
        --checkpoint run --resume --wire bf16
}

# That of the first epoch.
first_loss() {
    grep -oE '"loss":[0-9.e-]+' "$scratch/out" | head -n 1 | cut -d: -f 2
}

# The sums are the same but for their last bits, so that a few steps learn nearly the same.
case_fast_reduce() {
    needs_module
    local model
    for model in lenet5 cnn-bn mlp; do
        works train "${small[@]}" --model $model --steps 4 --optimizer sgd --json
        local alone
        alone=$(first_loss)
        ranks 3 train "${small[@]}" --model $model --steps 4 --optimizer sgd --json --fast-reduce
        [ "$status" -eq 0 ] || fail "expected status 0"
        equal fast "$(json_value fast_reduce)" true
        fits_schema train
        awk -v a="$alone" -v b="$(first_loss)" 'BEGIN { exit !(a > 0 && (a - b)^2 < (1e-4 * a)^2) }' ||
            fail "$model: a loss of $(first_loss), expected about $alone"
    done
    works info model.safetensors --json
    grep -qF '"fast_reduce":true' "$scratch/out" || fail "the record does not say so"
    works train "${small[@]}" --model mlp --steps 1 --fast-reduce --json
    equal "one process" "$(json_value fast_reduce)" false
    refuses 2 'expected no wire of bf16' train --fast-reduce --wire bf16
}

# column NAME ROW: a field of report/scaling.csv.
column() {
    awk -F, -v name="$1" -v row="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }
        NR == row + 1 { print $at }' report/scaling.csv
}

case_scale_over_ranks() {
    needs_module
    local work=(scale --data "$(digits 300 1)" --model mlp --batch-size 64 --steps 3 --warm-up 1 --quiet)
    ranks 3 "${work[@]}" --ranks 3,2 --threads 1 --repeats 2 --report report --json
    [ "$status" -eq 0 ] || fail "expected status 0"
    err_is_empty
    fits_schema scale
    fits_schema scale report/summary.json
    equal unit "$(json_value unit)" ranks
    equal "same bits" "$(json_value same_bits)" true
    equal ranks "$(tail -n +2 report/scaling.csv | cut -d, -f 1,2 | paste -sd ' ')" "1,1 2,1 3,1"
    equal digests "$(grep -oE '"weights_sha256":"[^"]*' "$scratch/out" | sort -u | wc -l)" 1
    grep -q 'Milliseconds of the messages of a step' report/report.html || fail "no table of messages"
    # four lanes on two ranks: rank 0 receives two, of 784 + 2 * 128 + 2 * 10 rows of 16 numbers, and what belongs to them
    below 135000 "$(column exchange_bytes 2)" || fail "too few bytes"
    below "$(column exchange_bytes 2)" 140000 || fail "too many bytes"
    ranks 2 "${work[@]}" --mode weak --repeats 1 --report report --overwrite
    [ "$status" -eq 0 ] || fail "expected status 0"
    out_has '^ranks +images/s '
    out_has '^weights     Every point learned the weights of one rank with the same batch, to the last bit$'
    out_has '^ms/step +kB +exchanging +alone +predicted +latency/us +MB/s +step predicted +error$'
    ranks 2 "${work[@]}" --ranks 4 --report other
    equal status "$status" 2
    expect_one_error 'expected at most the 2 processes that the launcher started'
    ranks 2 "${work[@]}" --threads 1,2 --report other
    equal status "$status" 2
    expect_one_error 'expected one number with several ranks'
    [ ! -e other ] || fail "a folder was made for nothing"
}

case_scale_needs_a_launcher() {
    refuses 2 'mpirun -n 4 convoy scale --ranks 1,2,4' scale --ranks 1,2
}

case_resumed_by_fewer_ranks() {
    needs_module
    local run=(--model mlp --validation-split 0.2 --epochs 3)
    works train "${small[@]}" "${run[@]}" --output whole.safetensors
    ranks 4 train "${small[@]}" "${run[@]}" --checkpoint run --checkpoint-every 4 --steps 7
    [ "$status" -eq 0 ] || fail "expected status 0"
    ranks 2 train "${small[@]}" "${run[@]}" --checkpoint run --resume --output resumed.safetensors
    [ "$status" -eq 0 ] || fail "expected status 0"
    same_files whole.safetensors resumed.safetensors
}

# in_folders A B ARGUMENTS...: rank 0 in the folder A, ranks 1 and 2 in B, as on machines of which one has the files.
in_folders() {
    local a=$PWD/$1 b=$PWD/$2
    shift 2
    run timeout 300 "${launcher[@]}" -n 1 -wdir "$a" "$convoy" "$@" : -n 2 -wdir "$b" "$convoy" "$@"
}

works_in_folders() {
    in_folders "$@"
    [ "$status" -eq 0 ] || fail "convoy ${*:3}: expected status 0"
}

case_files_that_rank_0_alone_sees() {
    needs_module
    mkdir has lacks scratch
    export TMPDIR=$PWD/scratch
    works data convert "$(digits 300 60)" --to csv --output has/set
    works train "${small[@]}" --model mlp --steps 2 --output has/start.safetensors
    local run=(train --config run.json --model start.safetensors)
    works data convert "$(digits 20 20)" --to csv --output has/other
    echo '{"data": "set", "validation-data": "other", "epochs": 2, "quiet": true}' >has/run.json
    works_in_folders has lacks "${run[@]}" --checkpoint run --checkpoint-every 3 --steps 7
    works_in_folders has lacks "${run[@]}" --checkpoint run --resume --output several.safetensors
    (cd has && "$convoy" "${run[@]}" --output one.safetensors) >"$scratch/out" 2>"$scratch/err" ||
        fail "one process: expected status 0"
    same_files has/one.safetensors has/several.safetensors
    works_in_folders has lacks evaluate several.safetensors --data set --json
    fits_schema evaluate
    equal ranks "$(json_value ranks)" 3
    equal "files left" "$(ls -A lacks scratch | tr '\n' ' ')" "lacks:  scratch: "
    in_folders lacks has "${run[@]}"
    equal status "$status" 2
    expect_one_error 'run.json'
    in_folders has lacks compare --data set --seeds 1 --epochs 1 --report report --quiet
    equal status "$status" 1
    expect_one_error 'rank 1: '
}

# Ranks that were given different work say so once, before anything is trained.
case_ranks_that_do_not_do_the_same() {
    needs_module
    mkdir one other
    works data convert "$(digits 100 20)" --to csv --output one/set
    works data convert "digits:train=100,test=20,seed=1" --to csv --output other/set
    in_folders one other train --data set --model mlp --epochs 1 --quiet
    equal status "$status" 1
    expect_one_error 'rank 1: images and labels: not those of rank 0'
    works train "${small[@]}" --model mlp --steps 1 --output one/start.safetensors
    works train "${small[@]}" --model mlp --steps 2 --output other/start.safetensors
    in_folders one other train "${small[@]}" --model start.safetensors
    equal status "$status" 1
    expect_one_error "rank 1: the model's weights: not those of rank 0"
    in_folders one other evaluate start.safetensors --data "$(digits 20 20)"
    equal status "$status" 1
    expect_one_error "rank 1: the model's weights: not those of rank 0"
    local run=("$convoy" train "${small[@]}" --model mlp)
    run "${launcher[@]}" -n 1 "${run[@]}" --batch-size 32 : -n 1 "${run[@]}" --batch-size 48
    equal status "$status" 2
    expect_one_error 'rank 1: batch_size: found 48, rank 0 has 32'
    "$convoy" --version >version
    sed "s/$(cut -d ' ' -f 2 version | sed 's/[.]/[.]/g')/9.9.9/" "$convoy" >changed
    chmod +x changed
    export CONVOY_MPI_MODULE=${CONVOY_MPI_MODULE:-$(dirname "$convoy")/convoy_mpi.so}
    run "${launcher[@]}" -n 1 "${run[@]}" : -n 1 ./changed "${run[@]:1}"
    equal status "$status" 2
    expect_one_error 'all ranks need the same program'
}

case_one_rank() {
    needs_module
    works train "${small[@]}" --model mlp --steps 2 --output alone.safetensors
    ranks 1 train "${small[@]}" --model mlp --steps 2 --output launched.safetensors
    [ "$status" -eq 0 ] || fail "expected status 0"
    same_files alone.safetensors launched.safetensors
}

case_evaluate() {
    needs_module
    works train "${small[@]}" --model mlp --output model.safetensors
    works evaluate model.safetensors --data "$(digits 20 300)"
    local alone
    alone=$(tail -n +3 "$scratch/out")
    ranks 3 evaluate model.safetensors --data "$(digits 20 300)" --predictions read.csv
    [ "$status" -eq 0 ] || fail "expected status 0"
    equal scores "$(tail -n +3 "$scratch/out")" "$alone"
    equal predictions "$(wc -l <read.csv)" 301
    ranks 3 evaluate nowhere.safetensors
    equal status "$status" 1
    expect_one_error 'nowhere.safetensors'
}

# A rank without memory ends all of them, in the preparation, the steps and the last evaluation: near the end of its calls
# of malloc(), most of which are MPI's own at its beginning.
case_a_rank_without_memory() {
    needs_module
    local library=${convoy%/*}/tests/libconvoy_fail.so calls before_end
    local run=(train --data "$(digits 100 60)" --model mlp --steps 3 --epochs 1 --quiet)
    [ -e "$library" ] || skip "no library that makes calls fail"
    run "${launcher[@]}" -n 1 "$convoy" "${run[@]}" : -n 1 env LD_PRELOAD="$library" CONVOY_FAIL=malloc \
        CONVOY_FAIL_LOG="$PWD/calls" "$convoy" "${run[@]}"
    [ "$status" -eq 0 ] || fail "expected status 0"
    read -r calls _ <calls
    for before_end in 500 400 350 310; do
        SECONDS=0
        run timeout 60 "${launcher[@]}" -n 1 "$convoy" "${run[@]}" : -n 1 env LD_PRELOAD="$library" \
            CONVOY_FAIL=malloc CONVOY_FAIL_AT=$((calls - before_end)) "$convoy" "${run[@]}"
        [ "$SECONDS" -le 20 ] || fail "$before_end calls before the end: the other rank went on for $SECONDS s"
    done
}

# A line of the leader's, and none of the others'.
case_refused_once() {
    needs_module
    ranks 3 train --optimizer nope
    equal status "$status" 2
    expect_one_error 'unknown name "nope"'
    ranks 3 train --no-such-option
    equal status "$status" 2
    expect_one_error 'unknown option'
    ranks 3 train --data /no/such/place
    equal status "$status" 1
    expect_one_error '/no/such/place'
    ranks 2 train "${small[@]}" --model mlp --output /dev/full
    equal status "$status" 1
    expect_one_error 'No space left'
    ranks 3 train "${small[@]}" --optimizer sgd --learning-rate 1e30 --output wild.safetensors
    equal status "$status" 1
    expect_one_error 'not a finite number'
    [ ! -e wild.safetensors ] || fail "a model was saved"
}

# As long as it takes until a file that matches is there.
await_file() {
    local i
    for ((i = 0; i < 600; i++)); do
        compgen -G "$1" >"$scratch/found" && return
        sleep 0.1
    done
    fail "no $1"
}

case_stopped_together() {
    needs_module
    "${launcher[@]}" -n 2 "$convoy" train "${small[@]}" --model mlp --epochs 1000000 \
        --time-limit 2s --checkpoint run --output model.safetensors >"$scratch/out" 2>"$scratch/err"
    status=$?
    equal status "$status" 0
    await_file 'run/checkpoint-*.safetensors'
    works evaluate model.safetensors --data "$(digits 20 20)"
}

# The rest end when one rank is gone, and what it had saved is enough to go on.
case_a_rank_is_killed() {
    needs_module
    local launched killed
    setsid "${launcher[@]}" -n 3 "$convoy" train "${small[@]}" --model mlp --epochs 1000000 \
        --checkpoint run --checkpoint-every 5 --output "$PWD/never" >"$scratch/out" 2>"$scratch/err" &
    launched=$!
    await_file 'run/checkpoint-*.safetensors'
    killed=$(pgrep -f "^$convoy train .*$PWD/never" | tail -n 1)
    kill -KILL "$killed" || fail "no rank is running"
    SECONDS=0
    wait "$launched"
    status=$?
    [ "$status" -ne 0 ] || fail "expected a failure"
    [ "$SECONDS" -le 10 ] || fail "the other ranks went on for $SECONDS s"
    ranks 2 train "${small[@]}" --model mlp --epochs 1000000 --checkpoint run --resume \
        --checkpoint-every 5 --time-limit 1s
    [ "$status" -eq 0 ] || fail "cannot be resumed"
}

# A signal to any rank counts: all stop with a checkpoint, and rank 0 says it.
case_a_rank_is_told_to_stop() {
    needs_module
    local launched run=(train "${small[@]}" --model mlp --epochs 1000000 --checkpoint run --checkpoint-every 5)
    setsid "${launcher[@]}" -n 1 "$convoy" "${run[@]}" --output "$PWD/leader" : \
        -n 1 "$convoy" "${run[@]}" --output "$PWD/follower" >"$scratch/out" 2>"$scratch/err" &
    launched=$!
    await_file 'run/checkpoint-*.safetensors'
    kill -TERM "$(pgrep -f "^$convoy train .*$PWD/follower" | tail -n 1)" || fail "rank 1 is not running"
    SECONDS=0
    wait "$launched"
    status=$?
    equal status "$status" 143
    [ "$SECONDS" -le 10 ] || fail "the other rank went on for $SECONDS s"
    expect_one_error 'stopped after'
    compgen -G 'run/checkpoint-*.safetensors' >"$scratch/found" || fail "no checkpoint"
}

case_without_the_module() {
    run env OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=0 CONVOY_MPI_MODULE=/no/module.so \
        "$convoy" train "${small[@]}"
    equal status "$status" 1
    expect_one_error '/no/module.so'
    run env OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=1 CONVOY_MPI=off \
        "$convoy" train "${small[@]}" --model mlp --steps 1
    equal status "$status" 0
    out_has '^weights sha256'
}

run_cases "$@"
