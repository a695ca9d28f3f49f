#!/usr/bin/env bash
# Data sets larger than the memory that they may take: --memory and --cache, under a limit that the kernel
# sets on private memory (RLIMIT_DATA, which memory mapped from a shared file does not count to).
. "$(dirname "$0")/harness.sh"

# cached: the names of the packed files in the folder c.
cached() {
    (cd c && echo *.packed)
}

# limited KIB ARGUMENTS...: convoy with them, with so much private memory.
limited() {
    local limit=$1
    shift
    run bash -c 'ulimit -d "$1" && shift && exec "$@"' - "$limit" "$convoy" "$@"
}

# A sanitizer takes more memory than any limit here.
needs_limits() {
    limited 50000 --version
    [ "$status" -eq 0 ] || skip "the kernel sets no limit, or a sanitizer needs more"
}

# A model for images of 256 x 256, small in memory.
write_large_model() {
    cat >large.json <<'JSON'
{"class_name": "Sequential", "config": {"name": "large", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 256, 256, 1]}},
  {"class_name": "AveragePooling2D", "config": {"pool_size": [16, 16]}},
  {"class_name": "Flatten", "config": {}},
  {"class_name": "Dense", "config": {"units": 10, "activation": "softmax"}}]}}
JSON
}

case_a_folder_of_pictures_is_decoded_once() {
    works data convert "$(digits 400 60)" --to folders --output f
    works train --model mlp --data f --epochs 2 --json
    local weights first threads
    weights=$(json_value weights_sha256)
    works train --model mlp --data f --epochs 2 --memory 100K --cache c --json
    equal weights "$(json_value weights_sha256)" "$weights"
    first=$(cached)
    [ -f "c/$first" ] || fail "not one packed file: $first"
    touch -d '2001-02-03' "c/$first"
    for threads in 1 3; do
        works train --model mlp --data f --epochs 2 --memory 100K --cache c --json --threads $threads
        equal weights "$(json_value weights_sha256)" "$weights"
    done
    equal "the packed file" "$(cached)" "$first"
    equal "its year" "$(date -r "c/$first" +%Y)" 2001
    equal "nothing else in the cache" "$(ls -A c)" "$first"
}

case_the_cache_is_in_the_users_cache_folder() {
    works data convert "$(digits 50 10)" --to folders --output f
    XDG_CACHE_HOME=$PWD/xdg works data info f --memory 1K
    equal files "$(ls xdg/convoy | wc -l)" 1
    env -u XDG_CACHE_HOME HOME="$PWD/home" "$convoy" data info f --memory 1K >"$scratch/out" ||
        fail "with HOME alone"
    equal files "$(ls home/.cache/convoy | wc -l)" 1
    equal "who may look" "$(stat -c %a home/.cache/convoy)" 700
    refuses 1 'notes/convoy: Not a directory' data info f --memory 1K --cache "$(: >notes && echo notes/convoy)"
    rm notes
    refuses 2 '--cache: found "", expected --cache DIR' data info f --memory 1K --cache ''
}

case_data_that_changed_are_decoded_anew() {
    works data convert "$(digits 60 10)" --to folders --output f
    works data info f --memory 1K --cache c --json
    local first digest
    first=$(cached)
    digest=$(json_value sha256)
    cp "$(find f/train/3 -type f | sort | head -n 1)" f/train/4/another.png
    works data info f --memory 1K --cache c --json
    [ "$(cached)" != "$first" ] || fail "the packed file is that of the older data"
    equal files "$(ls c | wc -l)" 1
    [ "$(json_value sha256)" != "$digest" ] || fail "the older images were read"
    equal images "$(json_value train)" 61
    works data info f --memory 1K --cache c --resize 14x14 --json
    equal height "$(json_value height)" 14
    equal files "$(ls c | wc -l)" 2
}

case_a_damaged_cache_is_made_again() {
    works data convert "$(digits 60 10)" --to folders --output f
    works data info f --memory 1K --cache c --json
    local file digest at
    file=c/$(cached)
    digest=$(json_value sha256)
    for at in 0 60 200 1500 70000; do
        printf '\377' | dd of="$file" bs=1 seek="$at" conv=notrunc status=none
        works data info f --memory 1K --cache c --json
        equal "digest, damaged at $at" "$(json_value sha256)" "$digest"
    done
    head -c 3000 "$file" >cut && cp cut "$file"
    works data info f --memory 1K --cache c --json
    equal "digest, cut short" "$(json_value sha256)" "$digest"
}

case_pictures_left_out_are_counted_each_time() {
    works data convert "$(digits 60 10)" --to folders --output f
    printf 'GIF89a' >f/train/3/moving.gif
    printf 'no picture' >f/train/4/no.png
    local i
    for i in 1 2; do
        works data info f --memory 1K --cache c --json
        err_has '2 pictures left out'
        err_has 'moving.gif: a GIF picture'
        equal images "$(json_value train)" 60
    done
    refuses 1 'that cannot be read' data info f --memory 1K --cache c --strict
}

case_a_reading_that_was_killed_leaves_nothing_behind() {
    works data convert "$(digits 60 10)" --to folders --output f
    mkdir c
    : >c/.convoy-cache-AbCdEf
    works data info f --memory 1K --cache c
    equal "the cache" "$(ls -A c | grep -v '^f-.*\.packed$')" ""
}

# The pixels of each source, brought to 256 x 256, take 66 MB, which the limit does not allow.
case_every_source_is_read_under_a_limit_of_the_kernel() {
    needs_limits
    local format weights
    write_large_model
    works data convert "$(digits 1000 10)" --output idx
    works train --model large.json --data idx --resize 256x256 --epochs 1 --threads 1 --json
    weights=$(json_value weights_sha256)
    limited 60000 train --model large.json --data idx --resize 256x256 --epochs 1 --threads 1 --quiet
    equal "status without --memory" "$status" 1
    err_has 'memory'
    for format in idx gzip folders csv npz packed; do
        [ $format = idx ] || [ $format = gzip ] || works data convert idx --to $format --output $format
        [ $format != gzip ] || { cp -r idx gzip && gzip gzip/*; }
        limited 60000 train --model large.json --data $format --resize 256x256 --epochs 1 --threads 1 \
            --memory 4M --cache c --json
        equal "$format: status" "$status" 0
        equal "$format: weights" "$(json_value weights_sha256)" "$weights"
        rm -rf c
    done
    limited 60000 evaluate model.safetensors --data folders --threads 1 --memory 4M --cache c --json
    equal "status of evaluate" "$status" 0
    equal images "$(json_value images)" 10
}

# CIFAR's records in color: 88 MB at 256 x 256.
case_cifar_is_read_under_a_limit_of_the_kernel() {
    needs_limits
    local i weights
    write_large_model
    sed -i 's/256, 256, 1/256, 256, 3/' large.json
    mkdir cifar
    for ((i = 0; i < 10; i++)); do
        bytes "$(printf '%03o' $i)"
        head -c 3072 /dev/zero | tr '\0' "\\$(printf '%03o' $((25 * i)))"
    done >ten
    for ((i = 0; i < 40; i++)); do cat ten; done >cifar/data_batch_1.bin
    for i in 2 3 4 5; do cp ten cifar/data_batch_$i.bin; done
    cp ten cifar/test_batch.bin
    works train --model large.json --data cifar --resize 256x256 --epochs 1 --threads 1 --json
    weights=$(json_value weights_sha256)
    limited 60000 train --model large.json --data cifar --resize 256x256 --epochs 1 --threads 1 --quiet
    equal "status without --memory" "$status" 1
    limited 60000 train --model large.json --data cifar --resize 256x256 --epochs 1 --threads 1 \
        --memory 4M --cache c --json
    equal status "$status" 0
    equal weights "$(json_value weights_sha256)" "$weights"
}

case_several_data_sets_share_the_memory() {
    works data convert "$(digits 100 20)" --to folders --output f
    works data convert digits:seed=5,train=100,test=20 --to folders --output g
    works train --model mlp --data f --data g --epochs 1 --json
    local weights
    weights=$(json_value weights_sha256)
    works train --model mlp --data f --data g --epochs 1 --memory 100K --cache c --json
    equal weights "$(json_value weights_sha256)" "$weights"
    case $(cached) in g-*) ;; *) fail "in the cache: $(cached)" ;; esac
}

run_cases "$@"
