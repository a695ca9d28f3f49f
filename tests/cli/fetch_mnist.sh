#!/usr/bin/env bash
# datasets/fetch-mnist.sh: what is not MNIST never gets its name, whoever fetched it.
. "$(dirname "$0")/harness.sh"

fetch=$tests/../datasets/fetch-mnist.sh
files="train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz t10k-images-idx3-ubyte.gz \
t10k-labels-idx1-ubyte.gz"

# A mirror of the right names and the wrong bytes, in the folder mirror.
make_garbage() {
    mkdir mirror
    for file in $files; do head -c 5000 /dev/urandom >"mirror/$file"; done
}

# A folder bin with nothing but what the script needs, and the commands named.
limit_commands() {
    mkdir bin
    for command in sh sha256sum cut wc mkdir rmdir rm mv cp chmod dirname cat "$@"; do
        ln -s "$(command -v "$command")" bin
    done
}

# A command that stands for curl or wget: it notes its arguments and copies from the folder mirror.
make_stand_in() {
    cat >"bin/$1" <<'SCRIPT'
#!/bin/sh
echo "$0 $*" >>log
for word; do
    case $before in --output | --output-document) to=$word ;; esac
    before=$word
done
cp "mirror/${before##*/}" "$to"
SCRIPT
    chmod +x "bin/$1"
}

refused() {
    equal status "$status" 1
    err_has '(not fetched|5000 bytes that are not train-images-idx3-ubyte.gz \(SHA-256 differs\))$'
    err_has 'fetch-mnist.sh: train-images-idx3-ubyte.gz: no mirror gave it; --mirror URL names another$'
    [ ! -e to ] || fail "left behind: $(ls -AR to)"
}

case_garbage_is_refused() {
    make_garbage
    run sh "$fetch" --to to --mirror "file://$PWD/mirror"
    refused
    mkdir to
    run sh "$fetch" --to to --mirror "file://$PWD/mirror/"
    equal status "$status" 1
    equal "left behind" "$(ls -A to)" ""
}

case_mirror_that_is_not_there() {
    run sh "$fetch" --to to --mirror "file://$PWD/nowhere" --mirror "file://$PWD/neither"
    refused
    equal "mirrors tried" "$(grep -c 'not fetched$' "$scratch/err")" 2
}

case_file_mirror_needs_neither_curl_nor_wget() {
    make_garbage
    limit_commands
    run env PATH="$PWD/bin" sh "$fetch" --to to --mirror "file://$PWD/mirror"
    refused
    run env PATH="$PWD/bin" sh "$fetch" --to to --mirror http://127.0.0.1/
    equal status "$status" 1
    err_has 'fetch-mnist.sh: neither curl nor wget is there; apt-get install curl$'
    [ ! -e to ] || fail "left behind: $(ls -AR to)"
}

case_curl_or_wget_whichever_is_there() {
    make_garbage
    for tool in curl wget; do
        rm -rf bin log
        limit_commands
        make_stand_in $tool
        run env PATH="$PWD/bin" sh "$fetch" --to to --mirror http://127.0.0.1/mnist
        refused
        grep -q "^$PWD/bin/$tool .* http://127.0.0.1/mnist/train-images-idx3-ubyte.gz$" log ||
            fail "asked for: $(cat log)"
    done
}

case_whole_files_are_kept_and_left_alone() {
    local mnist=${CONVOY_MNIST:-$tests/../../shared/data/mnist}
    [ -e "$mnist/train-images-idx3-ubyte.gz" ] || skip "real MNIST is not here: set CONVOY_MNIST"
    mnist=$(cd "$mnist" && pwd)
    run sh "$fetch" --to to --mirror "file://$mnist"
    equal status "$status" 0
    equal files "$(ls -A to | wc -l)" 4
    out_has '^MNIST is in to: convoy train --data to$'
    run sh "$fetch" --to to --mirror "file://$PWD/nowhere"
    equal status "$status" 0
    equal "left alone" "$(grep -c ': there already$' "$scratch/out")" 4
    echo damage >>to/t10k-labels-idx1-ubyte.gz
    run sh "$fetch" --to to --mirror "file://$mnist"
    equal status "$status" 0
    equal "left alone" "$(grep -c ': there already$' "$scratch/out")" 3
}

case_usage() {
    run sh "$fetch" --help
    equal status "$status" 0
    out_has '^usage: fetch-mnist.sh'
    for words in "--frobnicate" "--to" "--mirror"; do
        run sh "$fetch" $words
        equal "status of $words" "$status" 2
        err_has '^usage: '
    done
}

run_cases "$@"
