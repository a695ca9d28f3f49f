#!/usr/bin/env bash
# The process around the program: standard files that are closed, readers that go away, limits.
. "$(dirname "$0")/harness.sh"

tiny=(train --model mlp --data "$(digits 100 20)" --epochs 2)

# log_is_whole FILE EPOCHS: a CSV log and nothing else.
log_is_whole() {
    awk -F, -v epochs="$2" 'NF != 9 || (NR > 1 && $1 != NR - 1) { exit 1 }
        END { exit NR != epochs + 1 }' "$1" || fail "$1 is not whole: $(cat "$1")"
}

# A file that is opened must not take the number of a standard file that is closed.
case_stderr_is_closed() {
    "$convoy" "${tiny[@]}" --log ep.csv >"$scratch/out" 2>&-
    equal status "$?" 0
    log_is_whole ep.csv 2
    out_has '^saved to model.safetensors$'
    "$convoy" "${tiny[@]}" --json --callback csv_logger:filename=keras.csv >"$scratch/out" 2>&-
    equal status "$?" 0
    equal lines "$(wc -l <keras.csv)" 3
    fits_schema train
    "$convoy" train --epochs none 2>&-
    equal status "$?" 2
}

case_stdout_is_closed() {
    "$convoy" "${tiny[@]}" --json --log ep.csv 2>"$scratch/err" >&-
    equal status "$?" 1
    err_has '^convoy: train: stdout: closed, expected somewhere to write the result$'
    log_is_whole ep.csv 2
    works evaluate model.safetensors --data "$(digits 20 20)"
    local words
    for words in --help --version info "info --json" "info --layers" "evaluate model.safetensors"; do
        # shellcheck disable=SC2086
        "$convoy" $words 2>"$scratch/err" >&-
        equal "status of $words" "$?" 1
        expect_one_error 'stdout: closed'
    done
}

case_all_standard_files_are_closed() {
    "$convoy" "${tiny[@]}" --quiet --log ep.csv <&- >&- 2>&-
    equal status "$?" 1
    log_is_whole ep.csv 2
    "$convoy" "${tiny[@]}" --quiet <&- >"$scratch/out"
    equal status "$?" 0
}

# What cannot be printed is an error, not a success, in every command.
case_full_output() {
    [ -e /dev/full ] || skip "no /dev/full here"
    make_model m.safetensors
    local words
    for words in --help --version help "help train" "info" "info --json" "info mlp" "info --layers" \
        "info --learning-rate 0.1" "train --help" "data info $(digits 20 10)" \
        "data info $(digits 20 10) --json" "train --quiet --data $(digits 20 10) --steps 1" \
        "train --quiet --data $(digits 20 10) --steps 1 --json" \
        "evaluate m.safetensors --data $(digits 20 10)" \
        "evaluate m.safetensors --data $(digits 20 10) --json" \
        "predict m.safetensors $tests/data/pictures/seven.png" \
        "predict m.safetensors $tests/data/pictures/seven.png --json"; do
        # shellcheck disable=SC2086
        "$convoy" $words >/dev/full 2>"$scratch/err"
        status=$?
        equal "status of $words" "$status" 1
        expect_one_error 'stdout: No space left on device'
    done
}

# head reads one line and goes.
case_a_training_that_nobody_watches_is_saved() {
    "$convoy" "${tiny[@]}" --epochs 20 --log ep.csv 2>&1 | head -n 1 >"$scratch/out"
    local ends=("${PIPESTATUS[@]}")
    out_has '^mlp on digits: '
    equal "status as after SIGPIPE" "${ends[0]}" 141
    log_is_whole ep.csv 20
    works evaluate model.safetensors --data "$(digits 20 20)"
    "$convoy" "${tiny[@]}" --epochs 20 2> >(head -n 1 >"$scratch/err") >"$scratch/out"
    equal "status where only stderr is gone" "$?" 0
    out_has '^saved to model.safetensors$'
}

# As `convoy info | head -1` in a shell: no complaint.
case_a_reader_that_has_seen_enough() {
    local words
    for words in info "info --json" "info --optimizers" --help; do
        # shellcheck disable=SC2086
        { "$convoy" $words 2>"$scratch/err"; echo $? >"$scratch/status"; } | true
        grep -qxE '0|141' "$scratch/status" || fail "status of $words: $(cat "$scratch/status")"
        err_is_empty
    done
    # where SIGPIPE is ignored, as under nohup, it is an error like others
    (trap '' PIPE && "$convoy" info --optimizers 2>"$scratch/err"; echo $? >"$scratch/status") |
        sleep 0 | true
    [ "$(cat "$scratch/status")" = 0 ] || expect_one_error 'stdout: Broken pipe'
}

# limited OPTION VALUE ARGUMENTS...: convoy under a limit of the shell's ulimit.
limited() {
    run bash -c 'ulimit -S "$1" "$2" && shift 2 && exec "$@"' bash "$1" "$2" "$convoy" "${@:3}"
}

# mlp has 400 kB of weights.
case_files_beyond_the_size_limit() {
    make_model model.safetensors
    cp model.safetensors before
    limited -f 50 "${tiny[@]}"
    equal status "$status" 1
    err_has '^convoy: train: model.safetensors: File too large$'
    same_files model.safetensors before
    equal files "$(ls -A | paste -sd ' ')" "before model.safetensors"
    limited -f 50 "${tiny[@]}" --callback model_checkpoint:filepath=best.safetensors
    equal status "$status" 1
    err_has 'best.safetensors: File too large$'
    limited -f 50 data convert "$(digits 1000 20)" --output idx
    equal status "$status" 1
    expect_one_error 'File too large'
    equal "files, none half written" "$(find idx -type f 2>/dev/null | wc -l)" 0
    # libomp ends with a bus error where it may write no file at all, before main()
    links libomp || {
        limited -f 0 "${tiny[@]}" --quiet --log log.csv
        equal status "$status" 1
    }
}

# As root, a device could be replaced by a file of its name.
case_output_to_a_device_or_a_link() {
    mkfifo pipe
    wc -c <pipe >"$scratch/count" &
    # the check before the training opens it as well, so that one reader sees two ends of file
    exec 3<>pipe
    works "${tiny[@]}" --quiet --output pipe
    exec 3>&-
    wait
    [ -p pipe ] || fail "pipe is no pipe any more"
    ln -s real.safetensors link.safetensors
    make_model real.safetensors
    works "${tiny[@]}" --quiet --output link.safetensors
    [ -L link.safetensors ] || fail "link.safetensors is no link any more"
    works evaluate real.safetensors --data "$(digits 20 20)"
}

# Logs, predictions and pictures go into pipes and devices too.
case_other_outputs_to_pipes_and_devices() {
    local words
    mkfifo log.csv
    for words in '--log log.csv' '--callback csv_logger:filename=log.csv'; do
        cat log.csv >lines &
        # shellcheck disable=SC2086
        works "${tiny[@]}" --quiet $words --output m.safetensors
        wait
        equal "lines of $words" "$(wc -l <lines)" 3
        [ -p log.csv ] || fail "log.csv is no pipe any more"
    done
    works "${tiny[@]}" --quiet --output /dev/null
    [ -c /dev/null ] || fail "/dev/null is no device any more"
    "$convoy" evaluate m.safetensors --data "$(digits 20 20)" --predictions /dev/stdout |
        head -n 1 >"$scratch/out"
    out_has '^index,label,predicted,probability,correct'
    works data preview "$(digits 20 10)" --output /dev/null
    ln -s /dev/stdout text.csv
    "$convoy" "${tiny[@]}" --output m.safetensors --log text.csv >"$scratch/out" 2>"$scratch/err"
    equal "lines of the log on stdout" "$(wc -l <"$scratch/out")" 3
    err_has 'saved to m.safetensors'
}

case_an_output_that_is_stdout_has_it_alone() {
    { printf 'before\n' && "$convoy" "${tiny[@]}" --output /dev/stdout && printf 'after\n'; } \
        >all 2>"$scratch/err"
    err_has 'saved to /dev/stdout'
    equal "line before" "$(head -n 1 all)" before
    equal "line after" "$(tail -n 1 all | tail -c 6)" after
    head -c -6 all | tail -c +8 >m.safetensors
    works evaluate m.safetensors --data "$(digits 20 20)"
    "$convoy" "${tiny[@]}" --output same.safetensors >same.safetensors 2>"$scratch/err"
    works evaluate same.safetensors --data "$(digits 20 20)"
    refuses 2 '--output: found /dev/stdout, which is stdout, where the result goes' \
        "${tiny[@]}" --json --output /dev/stdout
    ln -s /dev/stdout text.csv
    refuses 2 'text.csv, a file that --output writes too' "${tiny[@]}" --output /dev/stdout --log text.csv
    refuses 2 'text.csv, a file that --mistakes writes too' evaluate m.safetensors --mistakes \
        /dev/stdout --predictions text.csv
    refuses 2 'which is stderr, where messages go' "${tiny[@]}" --output /dev/stderr
    refuses 2 'which is stdout, where the result goes' predict m.safetensors \
        "$tests/data/pictures/seven.png" --csv --annotate /dev/stdout
    refuses 2 'which is stdout, where the result goes' data preview "$(digits 20 10)" --json \
        --output /dev/stdout
    "$convoy" data preview "$(digits 20 10)" --output /dev/stdout >picture
    equal "first bytes" "$(head -c 4 picture | tail -c 3)" PNG
}

# --- threads ---

# 40 stacks of 8 MiB do not fit into 200 MB; nor does one of 1 GiB.
case_threads_that_do_not_fit_into_the_address_space() {
    ! has_sanitizer || skip "a build with sanitizers"
    run bash -c 'ulimit -S -s 8192 && ulimit -v 200000 && exec "$@"' bash \
        "$convoy" "${tiny[@]}" --threads 40
    equal status "$status" 1
    expect_one_error 'of 40 threads (Resource temporarily unavailable); ulimit -u, pids.max and ulimit -v'
    run bash -c 'ulimit -v 900000 && OMP_STACKSIZE=1G exec "$@"' bash "$convoy" "${tiny[@]}" --threads 2
    equal status "$status" 1
    expect_one_error 'threads: the system gives this process 1 of 2 threads'
    equal files "$(ls -A)" ""
}

case_threads_beyond_the_users_limit() {
    ! has_sanitizer || skip "a sanitizer has a thread of its own"
    [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || skip "only root can take a user of its own"
    chmod 777 . && chmod 711 .. "$scratch"
    # a number that no other user has
    local as=(setpriv --reuid 54321 --regid 54321 --clear-groups prlimit --nproc=3 "$convoy")
    "${as[@]}" --version >"$scratch/out" 2>&1 || skip "another user cannot run $convoy"
    run "${as[@]}" "${tiny[@]}" --threads 8
    equal status "$status" 1
    expect_one_error 'threads: the system gives this process 3 of 8 threads'
    run "${as[@]}" "${tiny[@]}" --threads 3 --quiet
    equal status "$status" 0
}

# pids.max, as containers set it. In a group of our own, which is removed again.
case_threads_beyond_the_cgroups_limit() {
    ! has_sanitizer || skip "a sanitizer has a thread of its own"
    local parent group
    for parent in /sys/fs/cgroup/pids /sys/fs/cgroup; do
        group=$parent/convoy-test-$$
        mkdir "$group" 2>/dev/null && [ -w "$group/pids.max" ] && break
        rmdir "$group" 2>/dev/null
        group=
    done
    [ -n "$group" ] || skip "no cgroup with pids.max to be had here"
    # the shell becomes convoy, so that it is the group's only process
    local as=(bash -c 'echo 3 >"$1/pids.max" && echo $$ >"$1/cgroup.procs" && shift && exec "$@"' bash "$group")
    run "${as[@]}" "$convoy" "${tiny[@]}" --threads 8
    local many=$status
    cp "$scratch/err" "$scratch/many"
    run "${as[@]}" "$convoy" "${tiny[@]}" --threads 3 --quiet
    rmdir "$group"
    equal "status with 3 threads" "$status" 0
    equal "status with 8 threads" "$many" 1
    cp "$scratch/many" "$scratch/err"
    expect_one_error 'threads: the system gives this process 3 of 8 threads'
    err_has 'pids.max'
}

case_stacks_that_are_too_small() {
    OMP_STACKSIZE=32k refuses 2 'OMP_STACKSIZE: found 32 KiB of stack for each thread, expected at least 128' \
        "${tiny[@]}" --threads 2
    OMP_STACKSIZE='100000 B' refuses 2 'found 97 KiB' "${tiny[@]}" --threads 2
    OMP_STACKSIZE=32k works "${tiny[@]}" --quiet --threads 1
    links libomp || GOMP_STACKSIZE=16 refuses 2 'GOMP_STACKSIZE: found 16 KiB' "${tiny[@]}" --threads 2
    # sanitizers need more
    has_sanitizer || OMP_STACKSIZE=128 works "${tiny[@]}" --quiet --threads 3
    OMP_STACKSIZE=16m works "${tiny[@]}" --quiet --threads 3
}

# The soft limit is raised; a hard one of another user cannot be.
case_a_small_stack_of_the_process() {
    ! has_sanitizer || skip "a build with sanitizers"
    limited -s 64 "${tiny[@]}" --quiet --threads 2
    equal status "$status" 0
    limited -s 64 compare --quiet --model mlp --data "$(digits 40 10)" --epochs 1 --seeds 2 --optimizer sgd --cost-repeats 0
    equal status "$status" 0
    [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || return 0
    run bash -c 'ulimit -s 64 && exec setpriv --reuid 54321 --regid 54321 --clear-groups "$@"' bash "$convoy" info
    [ "$status" -eq 126 ] || [ "$status" -eq 127 ] || expect_one_error 'ulimit -s: found 64 KiB of stack, expected at least 256'
}

# The arrays that measure the memory's bandwidth are smaller than they should be, and the report says so.
case_scale_in_little_memory() {
    ! has_sanitizer || skip "a build with sanitizers"
    limited -v 150000 scale --quiet --model mlp --data "$(digits 100 20)" --threads 1 --steps 2 --repeats 2 --warm-up 0
    equal status "$status" 0
}

# A mapped file of which a page is gone raises SIGBUS, in any thread.
case_a_data_file_that_shrinks_meanwhile() {
    works data convert "$(digits 2000 20)" --to packed --output set.packed
    "$convoy" train --quiet --model mlp --data set.packed --epochs 1000000 --log ep.csv >"$scratch/out" 2>"$scratch/err" &
    local job=$!
    until [ -e ep.csv ] && [ "$(wc -l <ep.csv)" -ge 2 ]; do
        kill -0 $job || fail "ended early"
        sleep 0.05
    done
    truncate -s 4096 set.packed
    wait $job
    status=$?
    equal status "$status" 1
    expect_one_error 'convoy: set.packed: shortened or unreadable while in use'
    equal files "$(ls -A | paste -sd ' ')" "ep.config.json ep.csv set.packed"
}

# The number that runs is the number that is reported.
case_fewer_threads_than_asked_for() {
    OMP_THREAD_LIMIT=1 works "${tiny[@]}" --threads 2
    out_has ' 1 thread$'
    err_has '^warning: OMP_THREAD_LIMIT is less than the 2 threads that are wanted: 1 run$'
    OMP_THREAD_LIMIT=1 works "${tiny[@]}" --threads 2 --json --quiet
    equal threads "$(json_value threads)" 1
    OMP_THREAD_LIMIT=1 OMP_NUM_THREADS=3 works "${tiny[@]}" --json --quiet
    equal threads "$(json_value threads)" 1
    OMP_THREAD_LIMIT=1 refuses 2 '--threads: found 2, expected at most 1 (OMP_THREAD_LIMIT)' \
        scale --threads 1,2
}

case_more_threads_than_cores() {
    OMP_NUM_THREADS=99999 works "${tiny[@]}" --epochs 1 --steps 1
    out_has ' 1,?024 threads$'
    err_has '^warning: more threads than cores this process may use: 1024 on '
    works "${tiny[@]}" --threads 1
    ! grep -q '^warning' "$scratch/err" || fail "a warning of one thread"
}

run_cases "$@"
