#!/usr/bin/env bash
# Data files and pictures that are damaged, lie about themselves or are not there.
. "$(dirname "$0")/harness.sh"

train_images=idx/train-images-idx3-ubyte
train_labels=idx/train-labels-idx1-ubyte
test_images=idx/t10k-images-idx3-ubyte

# The folder idx with 50 images to train on and 20 to test.
make_idx() {
    works data convert "$(digits 50 20)" --output idx --overwrite
}

# refused_data WORDS [PART]: every command that reads the part of the folder idx, the training images,
# refuses it; none: no part alone is wrong.
refused_data() {
    [ -e m.safetensors ] || make_model m.safetensors
    refuses 1 "$1" train --data idx
    [ "${2:-}" = none ] || refuses 1 "$1" evaluate m.safetensors --data idx --split "${2:-train}"
    refuses 1 "$1" data info idx --json
    refuses 1 "$1" data preview idx
}

# Write what stdin gives over the file $1 from byte $2 on.
patch_at() {
    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

case_missing() {
    refuses 1 'nowhere: neither a built-in data set (digits) nor an existing path' train --data nowhere
    make_idx
    rm $train_labels
    refused_data 'idx: no train-labels-idx1-ubyte in this folder'
    mkdir empty
    refuses 1 'empty: an empty folder, expected a data set' train --data empty
    echo text >notes.txt
    refuses 1 'notes.txt: not a data set that can be read' train --data notes.txt
}

case_empty() {
    make_idx
    : >$train_images
    refused_data "$train_images: the file is empty"
    make_idx
    : >$train_labels
    refused_data "$train_labels: the file is empty"
    rm idx/*images*
    : >$train_images.gz
    make_model m.safetensors
    refuses 1 'the file is empty' predict m.safetensors $train_images.gz
}

case_wrong_magic() {
    make_idx
    cp $train_labels $train_images
    refused_data "$train_images: starts with 0x00000801, an IDX file of images with 0x00000803"
    make_idx
    echo '<!DOCTYPE html><title>404</title>' >$test_images
    refused_data "$test_images: starts with 0x3c21444f" test
}

case_count_larger_than_the_file() {
    make_idx
    be32 51 | patch_at $train_images 4
    refused_data "$train_images: the header announces 39984 bytes, 39200 follow"
    make_idx
    be32 51 | patch_at $train_labels 4
    refused_data "$train_labels: the header announces 51 bytes, 50 follow"
    make_idx
    gzip -n $train_images
    { be32 2051 && be32 2000000 && be32 28 && be32 28; } | gzip -n >$train_images.gz
    refused_data "announces 1568000000 bytes, 0 follow"
}

case_goes_on_behind_its_end() {
    make_idx
    echo >>$train_images
    refused_data "$train_images: goes on after the 39200 bytes that the header announces"
}

case_size_that_overflows() {
    make_idx
    be32 4294967295 | patch_at $train_images 4
    be32 4294967295 | patch_at $train_images 8
    be32 4294967295 | patch_at $train_images 12
    refused_data "$train_images: "
    # 2^32 images of 2^32 pixels: 0 in 64 bits
    be32 65536 | patch_at $train_images 8
    be32 65536 | patch_at $train_images 12
    refused_data "$train_images: "
    be32 8192 | patch_at $train_images 8
    be32 8192 | patch_at $train_images 12
    refused_data "$train_images: the header announces "
    be32 0 | patch_at $train_images 4
    refused_data "$train_images: announces 0 images"
}

case_labels_and_images_that_differ_in_number() {
    make_idx
    be32 49 | patch_at $train_labels 4
    truncate -s -1 $train_labels
    refused_data "$train_images: 50 images, but 49 labels in $train_labels"
}

case_train_and_test_of_different_size() {
    make_idx
    be32 14 | patch_at $test_images 8
    be32 56 | patch_at $test_images 12
    refused_data 'idx: the training images are 28 x 28, the test images 14 x 56' none
}

case_label_out_of_range() {
    make_idx
    bytes 310 | patch_at $train_labels 8 # 200
    make_model m.safetensors
    refuses 1 'idx: 201 classes, but the model lenet5 has 10 outputs' train --data idx
    refuses 1 'idx: the class 200 is not among the 10 classes of the model' \
        evaluate m.safetensors --data idx --split train
}

case_images_of_another_size_than_the_model_takes() {
    make_idx
    for file in $train_images $test_images; do
        be32 14 | patch_at $file 8
        be32 56 | patch_at $file 12
    done
    make_model m.safetensors
    refuses 1 'idx: images of 14 x 56' train --data idx
    refuses 1 'idx: images of 14 x 56' evaluate m.safetensors --data idx
    refuses 1 '14 x 56, the model takes 28 x 28' predict m.safetensors $test_images
}

case_truncated_gzip() {
    make_idx
    gzip $train_images
    truncate -s -20 $train_images.gz
    refused_data "$train_images.gz: the gzip data end in the middle"
    truncate -s 12 $train_images.gz
    refused_data "$train_images.gz: "
}

case_damaged_gzip() {
    make_idx
    gzip $train_labels
    bytes 377 377 377 377 | patch_at $train_labels.gz $(($(wc -c <$train_labels.gz) - 8))
    refused_data "$train_labels.gz: damaged gzip data"
}

# refused_picture WORDS FILE
refused_picture() {
    [ -e m.safetensors ] || make_model m.safetensors
    refuses 1 "$1" predict m.safetensors "$2"
}

case_picture_that_is_missing_empty_or_a_folder() {
    refused_picture 'none.png: No such file' none.png
    : >empty.png
    refused_picture 'empty.png: the file is empty' empty.png
    mkfifo pipe.png
    refused_picture 'pipe.png: not a regular file' pipe.png
}

case_text_named_png() {
    echo 'this is a letter' >letter.png
    refused_picture 'letter.png: not a PNG, JPEG, BMP, PGM or PPM picture' letter.png
}

case_truncated_pictures() {
    for kind in png jpg bmp pgm; do
        head -c 400 "$tests/data/pictures/seven.$kind" >cut.$kind
        refused_picture "cut.$kind: " cut.$kind
    done
}

case_picture_of_one_pixel() {
    # a PNG: header, one row of one grey pixel in a stored block, end
    {
        bytes 211 120 116 107 015 012 032 012
        be32 13 && printf IHDR && be32 1 && be32 1 && bytes 010 0 0 0 0 && be32 981375829
        be32 13 && printf IDAT && bytes 170 1 1 2 0 375 377 0 0 0 2 0 1 && be32 2114260434
        be32 0 && printf IEND && be32 2923585666
    } >one.png
    refused_picture 'one.png: no ink found' one.png
    { printf 'P5 1 1 255\n' && bytes 0; } >one.pgm
    refused_picture 'one.pgm: no ink found' one.pgm
}

case_picture_without_ink() {
    { printf 'P5 40 40 255\n' && head -c 1600 /dev/zero; } >blank.pgm
    refused_picture 'blank.pgm: no ink found' blank.pgm
}

case_picture_that_is_a_bomb() {
    {
        bytes 211 120 116 107 015 012 032 012
        be32 13 && printf IHDR && be32 20000 && be32 20000 && bytes 010 0 0 0 0 && be32 0
        be32 1000 && printf IDAT && head -c 1000 /dev/zero
    } >bomb.png
    refused_picture 'bomb.png: a picture of 20000 x 20000 pixels, expected 1 to 8192 a side' bomb.png
    { printf 'P5 20000 20000 255\n' && head -c 1000 /dev/zero; } >bomb.pgm
    refused_picture 'bomb.pgm: a picture of 20000 x 20000 pixels, expected 1 to 8192 a side' bomb.pgm
    # allowed, but nothing in it
    { printf 'P5 8192 8192 255\n' && head -c 1000 /dev/zero; } >liar.pgm
    refused_picture 'liar.pgm: a damaged picture' liar.pgm
}

case_idx_of_other_dimensions() {
    { bytes 0 0 010 4; head -c 200 /dev/zero; } >four
    refuses 1 'four: an IDX file of another type or other dimensions' data info four
}

case_a_loop_of_links() {
    ln -s two one
    ln -s one two
    refuses 1 'one: Too many levels of symbolic links' data info one
    refuses 1 'one: Too many levels of symbolic links' train --model one
}

run_cases "$@"
