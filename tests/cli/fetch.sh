#!/usr/bin/env bash
# convoy data fetch: what is not the data set never gets its name, and what is there is not loaded again.
# unit_sources tests the transfers themselves, from a server of its own.
. "$(dirname "$0")/harness.sh"

files="train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz t10k-images-idx3-ubyte.gz \
t10k-labels-idx1-ubyte.gz"

# A mirror of the right names and the wrong bytes, in the folder mirror.
make_garbage() {
    mkdir mirror
    local file
    for file in $files; do head -c 5000 /dev/urandom >"mirror/$file"; done
}

# fails WORDS ARGUMENTS...: fetch MNIST into `to` with them; it must end with status 1.
fails() {
    local words=$1
    shift
    run "$convoy" data fetch mnist --to to "$@"
    ! grep -q 'libcurl, which is not installed' "$scratch/err" || skip "libcurl is not installed"
    equal status "$status" 1
    err_has "$words"
}

# MNIST itself, where it is.
find_mnist() {
    mnist=${CONVOY_MNIST:-$tests/../../shared/data/mnist}
    [ -e "$mnist/train-images-idx3-ubyte.gz" ] || skip "real MNIST is not here: set CONVOY_MNIST"
    mnist=$(cd "$mnist" && pwd)
}

case_garbage_is_refused() {
    make_garbage
    fails 'train-images-idx3-ubyte.gz: another file than expected' --mirror "file://$PWD/mirror"
    err_has '^--mirror URL names another place$'
    [ ! -e to ] || fail "left behind: $(ls -AR to)"
    mkdir to
    fails 'another file than expected' --mirror "file://$PWD/mirror/"
    equal "left behind" "$(ls -A to)" ""
}

case_every_mirror_is_tried() {
    fails 'neither/train-images-idx3-ubyte.gz' --mirror "file://$PWD/nowhere" \
        --mirror "file://$PWD/neither"
    err_has 'nowhere/train-images-idx3-ubyte.gz: '
    [ ! -e to ] || fail "left behind: $(ls -AR to)"
}

case_whole_files_are_kept_and_left_alone() {
    find_mnist
    run "$convoy" data fetch mnist --to to --mirror "file://$PWD/nowhere" --mirror "file://$mnist"
    ! grep -q 'libcurl, which is not installed' "$scratch/err" || skip "libcurl is not installed"
    equal status "$status" 0
    equal files "$(ls -A to | wc -l)" 4
    out_has '^licence: CC BY-SA 3.0'
    out_has '^please cite: LeCun'
    out_has '^mnist is in to: convoy train --data to$'
    works data fetch mnist --to to --mirror "file://$PWD/nowhere"
    equal "left alone" "$(grep -c ': there already$' "$scratch/err")" 4
    echo damage >>to/t10k-labels-idx1-ubyte.gz
    head -c 1000000 "$mnist/t10k-images-idx3-ubyte.gz" >to/t10k-images-idx3-ubyte.gz.part
    rm to/t10k-images-idx3-ubyte.gz
    works data fetch mnist --to to --mirror "file://$mnist" --json
    out_has '^\{"command":"data","name":"mnist","output":"to","licence":"CC BY-SA'
    same_files to/t10k-images-idx3-ubyte.gz "$mnist/t10k-images-idx3-ubyte.gz"
    equal files "$(ls -A to | wc -l)" 4
    works data info to --json
    equal images "$(json_value train)" 60000
}

case_wrong_use() {
    refuses 2 'fetch: found imagenet, expected one of mnist, fashion-mnist, kmnist, emnist, cifar-10' \
        data fetch imagenet
    refuses 2 'fetch: found no name' data fetch
    refuses 2 '--mirror: found "", expected --mirror URL' data fetch mnist --to to --mirror ''
    : >file
    refuses 1 'file: Not a directory' data fetch mnist --to file
    refuses 1 'no/where: No such file or directory' data fetch mnist --to no/where
}

run_cases "$@"
