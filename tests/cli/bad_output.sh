#!/usr/bin/env bash
# Places that cannot be written to: nothing is left there, and what was there before stays.
. "$(dirname "$0")/harness.sh"

tiny=(--quiet --model mlp --data "$(digits 100 20)" --epochs 1)

case_folder_that_is_not_there() {
    refuses 1 'no/where/m.safetensors: folder no/where: No such file or directory' \
        train "${tiny[@]}" --output no/where/m.safetensors
    refuses 1 'no/where.csv: folder no: No such file' train "${tiny[@]}" --log no/where.csv
    refuses 1 'no/where.png: folder no: No such file' data preview "$(digits 20 10)" \
        --output no/where.png
    refuses 1 'no/where: No such file' data convert "$(digits 20 10)" --output no/where
}

case_folder_where_a_file_should_be() {
    mkdir folder
    refuses 1 'folder: a folder, expected the name of a file' train "${tiny[@]}" --output folder
    refuses 1 'folder, expected the name of a file' train "${tiny[@]}" --output folder/
    refuses 1 'folder, expected the name of a file' data preview --output folder
    refuses 2 '--output: found "", expected --output FILE' train "${tiny[@]}" --output ""
}

# What is read is never written over, whichever option names it.
case_inputs_stay() {
    works train "${tiny[@]}" --output m.safetensors
    local before
    works data convert "$(digits 40 10)" --to csv --output tables
    works data convert "$(digits 40 10)" --to packed --output d.packed
    cp tables/test.csv one.csv
    cp d.packed d.png
    echo '{"epochs": "1"}' >f.config.json
    before=$(sha256sum tables/* one.csv d.packed d.png f.config.json m.safetensors)
    refuses 2 '--predictions: found one.csv, which --data reads' evaluate m.safetensors --data one.csv \
        --predictions one.csv
    refuses 2 'which --data reads' evaluate m.safetensors --data tables --predictions tables/test.csv
    refuses 2 'which --data reads' evaluate m.safetensors --data d.png --mistakes d.png
    refuses 2 'which --data reads' evaluate m.safetensors --data d.png --confusion ./d.png
    refuses 2 'which preview reads' data preview d.png --output d.png
    refuses 2 'which predict reads' predict m.safetensors d.png --annotate d.png
    refuses 2 'which --data reads' train --quiet --model mlp --data tables --log tables/train.csv
    refuses 2 'which --config reads' train "${tiny[@]}" --config f.config.json --log f.csv
    mkdir ck
    refuses 2 'a name that --checkpoint ck needs' train "${tiny[@]}" --checkpoint ck --output ck/best.safetensors
    refuses 2 'a name that --checkpoint ck needs' train "${tiny[@]}" --checkpoint ck \
        --callback model_checkpoint:filepath=ck/checkpoint-000000000001.safetensors
    refuses 2 'not a data set of the format packed' data convert "$(digits 20 10)" --to packed \
        --output m.safetensors --overwrite
    refuses 2 'which names a data set, expected a name ending in .svg' info --learning-rate 0.1 --plot d.packed
    mkdir set
    works data convert "$(digits 100 20)" --to folders --output set
    refuses 2 'which holds set/train, the data to be converted' data convert set/train --to idx --output set \
        --overwrite
    equal digests "$(sha256sum tables/* one.csv d.packed d.png f.config.json m.safetensors)" "$before"
}

# The configuration that belongs beside a log has no place: the older log stays.
case_log_without_its_configuration() {
    echo old >older.csv
    mkdir older.config.json
    refuses 1 'older.config.json' train "${tiny[@]}" --log older.csv
    equal log "$(cat older.csv)" old
}

case_file_where_a_folder_should_be() {
    : >file
    refuses 1 'Not a directory' train "${tiny[@]}" --output file/m.safetensors
    refuses 1 'Not a directory' data convert "$(digits 20 10)" --output file
    refuses 1 'file: Not a directory' train --model mlp --data "$(digits 20 10)" --checkpoint file
    refuses 1 'file/run: Not a directory' train --model mlp --data "$(digits 20 10)" --checkpoint file/run
    ln -s loop loop
    refuses 1 'loop: Too many levels of symbolic links' train --model mlp --data "$(digits 20 10)" --checkpoint loop
}

# with_tmpfs OPTIONS COMMAND...: a function in a mount namespace of its own, which has a tmpfs on the
# folder disk. Needs root, or a kernel that lets users have such a namespace.
with_tmpfs() {
    local options=$1
    shift
    mkdir disk
    unshare --mount --map-root-user true 2>/dev/null || skip "no mount namespace to be had here"
    export convoy scratch
    declare -fx equal err_has fail skip run refuses expect_one_error list_files "$@"
    unshare --mount --map-root-user bash -c "
        mount -t tmpfs -o $options tmpfs disk 2>/dev/null || skip 'no tmpfs to be had here'
        $*" || exit $?
}

try_read_only_folder() {
    mount -o remount,ro disk || skip "no tmpfs can be read-only here"
    refuses 1 'disk/m.safetensors: cannot create a file in folder disk: Read-only file system' \
        train "${tiny[@]}" --output disk/m.safetensors
    refuses 1 'disk/log.csv: cannot create a file in folder disk: Read-only file system' \
        train "${tiny[@]}" --log disk/log.csv
    refuses 1 'Read-only file system' data preview digits:train=20,test=10 --output disk/a.png
    refuses 1 'Read-only file system' data convert digits:train=20,test=10 --output disk/idx
    refuses 1 'disk/run: cannot make the folder: Read-only file system' train --quiet --checkpoint disk/run
    refuses 1 'disk/r: cannot make the folder: Read-only file system' compare --optimizer sgd --seeds 2 --quiet --report disk/r
    refuses 1 'disk/r: cannot make the folder: Read-only file system' scale --quiet --report disk/r
    refuses 1 'disk/r: cannot make the folder: Read-only file system' find-rate --quiet --report disk/r
    refuses 1 'disk/r: cannot make the folder: Read-only file system' demo optimizers --quiet --report disk/r
}

case_read_only_folder() {
    with_tmpfs size=1m try_read_only_folder
}

case_folder_without_permission() {
    [ "$(id -u)" -ne 0 ] || skip "root may write anywhere"
    mkdir locked
    chmod 555 locked
    refuses 1 'cannot create a file in folder locked: Permission denied' \
        train "${tiny[@]}" --output locked/m.safetensors
    chmod 755 locked
}

# as_another_user WORDS ARGUMENTS...: like refuses 1, and nothing has been trained or evaluated before.
as_another_user() {
    local words=$1 before
    shift
    before=$(list_files)
    run setpriv --reuid 54321 --regid 54321 --clear-groups "$convoy" "$@"
    equal "$*: status" "$status" 1
    [ ! -s "$scratch/out" ] || fail "convoy $*: expected nothing on stdout"
    expect_one_error "$words"
    equal files "$(list_files)" "$before"
}

case_places_without_permission() {
    [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || skip "only root can take a user of its own"
    chmod 711 .. "$scratch"
    works train "${tiny[@]}" --output m.safetensors
    mkdir locked noread
    cp m.safetensors kept.safetensors
    chmod 444 kept.safetensors
    chown -R 54321 .
    chmod 555 locked
    chmod 000 noread
    # LLVM's OpenMP needs /dev/shm, where a chroot may let root alone write
    setpriv --reuid 54321 --regid 54321 --clear-groups "$convoy" info >"$scratch/out" 2>&1 ||
        skip "another user cannot run $convoy"
    local to=(train --model mlp --data "$(digits 20 10)" --epochs 1) score=(evaluate m.safetensors --data "$(digits 20 10)")
    as_another_user 'locked/m.safetensors: cannot create a file in folder locked' "${to[@]}" --output locked/m.safetensors
    as_another_user 'kept.safetensors: this file is write-protected' "${to[@]}" --output kept.safetensors
    as_another_user 'locked: cannot create files in this folder' "${to[@]}" --checkpoint locked
    as_another_user 'locked/a/b: cannot make the folder' "${to[@]}" --checkpoint locked/a/b
    as_another_user 'csv_logger: locked/l.csv: cannot create' "${to[@]}" --callback csv_logger:filename=locked/l.csv
    as_another_user 'model_checkpoint: locked: cannot create' "${to[@]}" \
        --callback 'model_checkpoint:filepath=locked/{epoch}.safetensors'
    as_another_user 'locked/a: cannot make the folder' "${to[@]}" \
        --callback 'model_checkpoint:filepath=locked/a/{epoch}.safetensors'
    as_another_user 'locked/c.csv: cannot create' "${score[@]}" --predictions locked/c.csv
    as_another_user 'locked/c.png: cannot create' "${score[@]}" --confusion locked/c.png
    as_another_user 'locked: cannot create' predict m.safetensors "$tests/data/pictures/seven.png" --save-inputs locked
    as_another_user 'locked: cannot create' find-rate --model mlp --report locked
    as_another_user 'locked: cannot create' compare --model mlp --seeds 2 --report locked
    as_another_user 'locked: cannot create' scale --model mlp --report locked
    as_another_user 'locked: cannot create' demo optimizers --report locked
    as_another_user 'locked: cannot create' data convert "$(digits 20 10)" --output locked
    as_another_user 'noread: cannot create' data convert "$(digits 20 10)" --output noread
    as_another_user 'noread: Permission denied' data info noread
    as_another_user 'noread: Permission denied' evaluate m.safetensors --data noread
}

# A second run would mix its lines with those of the first.
case_a_log_of_another_run() {
    command -v flock >/dev/null || skip "no flock here"
    echo theirs >log.csv
    echo theirs >log.config.json
    exec 9<>log.csv
    flock 9
    refuses 1 'log.csv: another run is writing this file, expected one for this run alone' train --model mlp \
        --data "$(digits 20 10)" --log log.csv
    refuses 1 'csv_logger: log.csv: another run is writing this file' train --model mlp \
        --data "$(digits 20 10)" --callback csv_logger:filename=log.csv
    exec 9>&-
    equal log "$(cat log.csv log.config.json | paste -sd ' ')" "theirs theirs"
}

# mlp has 400 kB of weights; the older model of that name is smaller, and stays as it was.
try_full_disk() {
    printf 'older' >disk/m.safetensors
    refuses 1 'disk/m.safetensors: No space left on device' train --quiet --model mlp \
        --data digits:train=100,test=20 --epochs 1 --output disk/m.safetensors
    [ "$(cat disk/m.safetensors)" = older ] || fail "the older file is not as it was"
    refuses 1 'disk/new.safetensors: No space left on device' train --quiet --model mlp --json \
        --data digits:train=100,test=20 --epochs 1 --output disk/new.safetensors
    refuses 1 'idx/train-images-idx3-ubyte: No space left on device' data convert \
        digits:train=1000,test=10 --output disk/idx
}

case_full_disk() {
    with_tmpfs size=100k try_full_disk
}

# What was measured is printed all the same, the report's folder has no picture that breaks off, and the exit
# status is 1. comparing, scaling: the arguments.
comparing=(compare --quiet --model mlp --data "$(digits 40 10)" --epochs 1 --seeds 2 --optimizer sgd
    --optimizer adam)
scaling=(scale --quiet --model mlp --data "$(digits 40 10)" --batch-size 16 --threads 1 --repeats 2 --steps 2
    --warm-up 0)

case_report_that_cannot_be_written() {
    local picture
    run bash -c 'ulimit -f 8 && exec "$@"' bash "$convoy" "${comparing[@]}" --report study
    equal status "$status" 1
    expect_one_error 'study/report.html: File too large'
    out_has '^ *1 +(sgd|adam)'
    run bash -c 'ulimit -f 8 && exec "$@"' bash "$convoy" "${scaling[@]}" --report scaling
    equal status "$status" 1
    expect_one_error 'scaling/report.html: File too large'
    out_has '^verdict +INVALID'
    run bash -c 'ulimit -f 8 && exec "$@"' bash "$convoy" "${scaling[@]}" --report scaling-json --json
    equal status "$status" 1
    out_has '"report":null'
    for picture in */*.svg; do
        [ ! -e "$picture" ] || tail -n 3 "$picture" | grep -q '</svg>' || fail "$picture breaks off"
    done
    works "${comparing[@]}" --report study
    out_has 'report in study/report.html'
    [ -z "$(find . -name '.convoy-*')" ] || fail "temporary files are left"
}

# A limit on the size of files stands for a full disk where there is no tmpfs to be had.
case_file_size_limit() {
    printf 'older' >m.safetensors
    (
        trap '' XFSZ
        ulimit -f 100 || skip "no limit on the size of files here"
        refuses 1 'm.safetensors: File too large' train "${tiny[@]}" --output m.safetensors
    ) || exit $?
    equal "older file" "$(cat m.safetensors)" older
}

# A log or a checkpoint that cannot be written does not cost the model: training goes on, the model is
# saved, the log ends with a whole line, and the exit status is 1.
try_full_disk_beside_the_model() {
    local log words
    head -c 4096 /dev/zero >disk/filler
    for words in '--callback csv_logger:filename=disk/log.csv' '--log disk/log.csv' '--log disk/log.jsonl'; do
        rm -f model.safetensors disk/log.*
        # shellcheck disable=SC2086
        run "$convoy" train --quiet --model mlp --data digits:train=20,test=20 --epochs 400 $words
        [ "$status" -eq 1 ] || fail "$words: expected status 1"
        log=${words##* }
        log=${log#csv_logger:filename=}
        expect_one_error "$log: No space left on device"
        [ "$(tail -c 1 "$log")" = "" ] && [ "$(stat -c %s "$log")" -gt 2000 ] || fail "$log ends within a line"
        grep -q '^saved to model.safetensors$' "$scratch/out" || fail "$words: the model is not saved"
        run "$convoy" info model.safetensors
        [ "$status" -eq 0 ] || fail "$words: no model"
    done
    rm -f model.safetensors disk/log.*
    run "$convoy" train --quiet --model mlp --data digits:train=20,test=20 --epochs 3 --json \
        --callback model_checkpoint:filepath=disk/best.safetensors
    [ "$status" -eq 1 ] && [ -e model.safetensors ] || fail "model_checkpoint: expected status 1 and a model"
    expect_one_error 'callback model_checkpoint: disk/best.safetensors: No space left on device'
    grep -q '"event":"failed","best_epoch":0,"value":null,"text":"disk/best' "$scratch/out" || fail "no event"
    [ ! -e disk/best.safetensors ] || fail "a part of the model is left behind"
}

case_full_disk_beside_the_model() {
    with_tmpfs size=12k try_full_disk_beside_the_model
}

# Reports and pictures say what they lack, and leave no temporary files.
try_full_disk_of_reports() {
    local words
    for words in 'compare --model mlp --optimizer sgd --seeds 2 --epochs 1 --cost-repeats 0 --report disk/r' \
        'scale --model mlp --threads 1 --repeats 1 --steps 3 --report disk/r' \
        'find-rate --model mlp --report disk/r' 'data preview --output disk/p.png --per-class 20'; do
        # shellcheck disable=SC2086
        run "$convoy" ${words/ -/ --quiet -} --data digits:train=64,test=20
        [ "$status" -ne 2 ] || run "$convoy" ${words/preview/preview digits:train=600,test=20} --quiet
        equal "$words: status" "$status" 1
        err_has '^convoy: [a-z-]+: disk/.*: No space left on device$'
        [ -z "$(find disk -name '.*')" ] || fail "$words: left $(find disk -name '.*')"
        rm -rf disk/*
    done
    mkdir mirror
    head -c 40000 /dev/zero >mirror/train-images-idx3-ubyte.gz
    run "$convoy" data fetch mnist --to disk/mnist --mirror "file://$PWD/mirror"
    equal "fetch: status" "$status" 1
    err_has 'No space left on device|libcurl, which is not installed'
    equal "files" "$(find disk -type f ! -name '*.part')" "" # what came so far is kept for the next try
}

case_full_disk_of_reports() {
    with_tmpfs size=8k try_full_disk_of_reports
}

# A checkpoint that cannot be written costs neither the training nor the model.
try_full_disk_of_checkpoints() {
    run "$convoy" train --quiet --model mlp --data digits:train=100,test=20 --epochs 3 --checkpoint disk/run --json
    equal status "$status" 1
    err_has 'disk/run/.*: No space left on device \(the model is saved\)$'
    [ -e model.safetensors ] || fail "the model is not saved"
    [ -z "$(ls -A disk/run)" ] || fail "left $(ls -A disk/run)"
}

case_full_disk_of_checkpoints() {
    with_tmpfs size=100k try_full_disk_of_checkpoints
}

# train_in_removed_folder OPTIONS...: the folder `gone` is removed after the first line of the log.
train_in_removed_folder() {
    mkdir gone
    "$convoy" train --quiet --model mlp --data "$(digits 640 20)" --epochs 20 --threads 1 --log log.csv "$@" \
        >"$scratch/out" 2>"$scratch/err" </dev/null &
    local job=$!
    until [ -e log.csv ] && [ "$(wc -l <log.csv)" -ge 2 ]; do
        kill -0 $job || fail "ended early"
        sleep 0.01
    done
    until rm -rf gone 2>/dev/null; do :; done
    wait $job
    status=$?
    equal "$*: status" "$status" 1
    equal "lines of the log" "$(wc -l <log.csv)" 21
    rm log.csv
}

case_folder_that_is_removed_meanwhile() {
    train_in_removed_folder --checkpoint gone/run --checkpoint-every 1
    err_has 'gone/run.*: No such file or directory.*the model is saved'
    [ -e model.safetensors ] || fail "the model is not saved"
    train_in_removed_folder --output gone/m.safetensors
    expect_one_error 'gone/m.safetensors: folder gone: No such file or directory'
}

case_links_to_nowhere() {
    ln -s nowhere link
    refuses 1 'link: a link to a place that does not exist, expected a folder' train "${tiny[@]}" --checkpoint link
    refuses 1 'link: a link to a place that does not exist, expected a file' \
        data convert "$(digits 20 10)" --to npz --output link
    refuses 1 'link: a link to a place that does not exist, expected a folder' \
        data convert "$(digits 20 10)" --output link
    refuses 2 '--report: link: a link to a place that does not exist' demo optimizers --report link
    [ -L link ] && [ ! -e nowhere ] || fail "the link was replaced or followed"
}

case_full_log() {
    [ -e /dev/full ] || skip "no /dev/full here"
    ln -s /dev/full log.csv
    run "$convoy" train "${tiny[@]}" --log log.csv
    equal status "$status" 1
    expect_one_error 'log.csv: No space left on device'
    run "$convoy" train "${tiny[@]}" --callback csv_logger:filename=log.csv --output m.safetensors
    equal status "$status" 1
    expect_one_error 'callback csv_logger: log.csv: No space left on device'
    run "$convoy" evaluate m.safetensors --data "$(digits 20 20)" --predictions /dev/full
    equal status "$status" 1
    expect_one_error '/dev/full: No space left on device'
    out_has '^accuracy '
}

run_cases "$@"
