#!/usr/bin/env bash
# Architectures and trained models that are damaged, lie about themselves or cannot work.
. "$(dirname "$0")/harness.sh"

# edited SED_SCRIPT: the file edited.json, lenet5's with one change.
edited() {
    sed -E "$1" "$tests/../models/lenet5.json" >edited.json
    ! cmp -s edited.json "$tests/../models/lenet5.json" || fail "sed $1 changes nothing"
}

# refused_architecture WORDS
refused_architecture() {
    refuses 1 "$1" train --model edited.json
    refuses 1 "$1" info edited.json
    expect_one_error 'edited.json'
}

case_architecture_that_is_not_json() {
    echo 'class LeNet(nn.Module):' >edited.json
    refused_architecture 'edited.json: line 1: not JSON'
    edited '20,$d'
    refused_architecture 'not JSON'
    : >edited.json
    refused_architecture 'not JSON'
    printf '[1, 2]' >edited.json
    refused_architecture 'expected Sequential'
    { printf '{"class_name": "Sequential", "class_name": "Sequential"}'; } >edited.json
    refused_architecture 'duplicate'
    head -c 100000 /dev/zero | tr '\0' '[' >edited.json
    refused_architecture 'not JSON'
}

case_architecture_that_is_not_there() {
    refuses 1 'nowhere.json: No such file' train --model nowhere.json
    refuses 1 'lenet6: no built-in model; did you mean "lenet5"?' train --model lenet6
    mkdir folder.json
    refuses 1 'folder.json: a folder, expected a file' train --model folder.json
}

case_unknown_layer() {
    edited 's/"MaxPooling2D"/"LSTM"/'
    refused_architecture 'an LSTM layer is not supported; convoy reads networks for images'
    edited 's/"Sequential"/"Twin"/'
    refused_architecture 'a model of class "Twin" is not supported, expected Sequential'
}

case_unknown_setting() {
    edited 's/"filters": 6/"filters": 6, "data_format": "channels_middle"/'
    refused_architecture 'data_format'
    edited 's/"filters": 6/"filters": 6, "fliters": 7/'
    refused_architecture 'fliters'
    edited 's/"relu"/"rleu"/'
    refused_architecture 'rleu'
    edited 's/"filters": 6, //'
    refused_architecture 'filters is missing'
}

case_shapes_that_cannot_work() {
    edited 's/"pool_size": \[2, 2\]/"pool_size": [29, 29]/'
    refused_architecture 'layer 3: '
    edited 's/("filters": 16, "kernel_size": )\[5, 5\]/\1[15, 15]/'
    refused_architecture 'layer 4: '
    edited '/"Flatten"/{N;s/"Flatten"/"Dropout"/;s/"name": "flatten"/"name": "flatten", "rate": 0.5/}'
    refused_architecture 'the last layer gives an image of 5 x 5 x 10, expected a vector'
}

case_sizes_that_are_none() {
    edited 's/"filters": 6/"filters": -6/'
    refused_architecture 'layer 2: '
    edited 's/"units": 120/"units": 0/'
    refused_architecture 'layer 7: '
    edited 's/"units": 120/"units": 1.5/'
    refused_architecture 'layer 7: '
    edited 's/"units": 120/"units": 1e30/'
    refused_architecture 'layer 7: '
    edited 's/"units": 120/"units": 99999999999999999999/'
    refused_architecture 'edited.json: '
    edited 's/28, 28, 1\]/-28, 28, 1]/'
    refused_architecture 'layer 1: batch_shape'
    edited 's/28, 28, 1\]/4096, 4096, 4096]/'
    refused_architecture 'layer 1: '
}

case_sizes_that_overflow() {
    edited 's/"units": 120/"units": 16000000/;s/"units": 84/"units": 16000000/'
    refused_architecture 'edited.json: '
}

# --- safetensors ---

data_bytes() {
    local length
    length=$(od -An -tu8 -N8 m.safetensors)
    tail -c +$((9 + length)) m.safetensors
}

header_text() {
    local length
    length=$(od -An -tu8 -N8 m.safetensors)
    tail -c +9 m.safetensors | head -c "$length"
}

# with_header SED_SCRIPT: bad.safetensors, the good model with an edited header of the right length.
with_header() {
    header_text | sed -E "$1" >header
    ! header_text | cmp -s - header || fail "sed $1 changes nothing"
    { le64 "$(wc -c <header)" && cat header && data_bytes; } >bad.safetensors
    rm header
}

# refused_model WORDS
refused_model() {
    refuses 1 "$1" evaluate bad.safetensors
    expect_one_error 'bad.safetensors'
    refuses 1 "$1" predict bad.safetensors "$tests/data/pictures/seven.png"
    refuses 1 "$1" info bad.safetensors
}

case_model_that_is_not_there_or_empty() {
    refuses 1 'none.safetensors: No such file' evaluate none.safetensors
    : >bad.safetensors
    refused_model '0 bytes, too short for a safetensors file'
    printf 'short' >bad.safetensors
    refused_model '5 bytes, too short'
    cp "$tests/data/pictures/seven.bmp" bad.safetensors
    refused_model 'bad.safetensors: an image, expected a trained model (.safetensors)'
}

case_bad_header_length() {
    make_model m.safetensors
    local length
    for length in 0 1 100000001 9223372036854775807 -1; do
        { le64 $length && tail -c +9 m.safetensors; } >bad.safetensors
        refused_model 'header'
    done
    local good
    good=$(od -An -tu8 -N8 m.safetensors)
    { le64 $((good - 100)) && tail -c +9 m.safetensors; } >bad.safetensors
    refused_model 'the header is not JSON'
    { le64 $((good + 64)) && tail -c +9 m.safetensors; } >bad.safetensors
    refused_model 'the header is not JSON'
}

case_cut_short_or_too_long() {
    make_model m.safetensors
    cp m.safetensors bad.safetensors
    truncate -s -1 bad.safetensors
    refused_model 'data_offsets end at '
    cp m.safetensors bad.safetensors
    echo >>bad.safetensors
    refused_model 'bytes of data, the tensors take '
    head -c 500 m.safetensors >bad.safetensors
    refused_model 'bytes, expected at most 492'
}

case_tensors_that_overlap_or_leave_holes() {
    make_model m.safetensors
    # mlp's first bias lies behind its kernel of 784 x 128
    with_header 's/\[401408,401920\]/[401404,401916]/'
    refused_model 'overlaps what ends at 401408'
    with_header 's/\[401408,401920\]/[401412,401924]/'
    refused_model 'begins at 401412, leaves a hole at 401408'
    with_header 's/\[401408,401920\]/[401920,401408]/'
    refused_model 'run backwards'
    with_header 's/\[401408,401920\]/[401408,4019200000]/'
    refused_model 'data_offsets end at 4019200000'
    with_header 's/\[401408,401920\]/[-4,401920]/'
    refused_model 'not whole numbers from 0'
    with_header 's/\[401408,401920\]/[401408,401916]/'
    refused_model 'span 508 bytes, its shape 512'
}

case_missing_or_strange_tensors() {
    make_model m.safetensors
    with_header 's/"dense\/bias"/"dense\/bais"/'
    refused_model 'tensor "dense/bias" is missing'
    with_header 's/"dense\/bias":\{[^}]*\}/"x":{"dtype":"F32","shape":[64,2],"data_offsets":[401408,401920]}/'
    refused_model 'tensor "dense/bias" is missing'
    with_header 's/"shape":\[128\]/"shape":[2,64]/'
    refused_model ': tensor "dense/bias": shape: found 2 x 64, expected 128'
    with_header 's/"dtype":"F32","shape":\[128\]/"dtype":"I32","shape":[128]/'
    refused_model 'dtype I32, expected F32'
    with_header 's/"dtype":"F32","shape":\[128\]/"dtype":"F33","shape":[128]/'
    refused_model 'dtype "F33" is not one of the format'
    with_header 's/"shape":\[128\]/"shape":[4294967296,4294967296]/'
    refused_model 'not a size that fits'
}

case_weights_that_are_not_numbers() {
    make_model m.safetensors
    local value
    for value in "0 0 300 177" "0 0 200 177" "0 0 200 377"; do # NaN, infinity, minus infinity
        cp m.safetensors bad.safetensors
        # shellcheck disable=SC2086
        bytes $value | dd of=bad.safetensors bs=1 conv=notrunc status=none \
            seek=$(($(wc -c <m.safetensors) - 4))
        refused_model 'is not a finite number'
    done
}

case_metadata_that_are_none() {
    make_model m.safetensors
    with_header 's/"format":"convoy"/"format":"pt"/'
    refused_model 'not a model that convoy saved'
    with_header 's/"labels":/"label":/'
    refused_model 'metadata "labels" is missing'
    with_header 's/"scale":[0-9.e-]*/"scale":null/;s/\\"scale\\":[0-9.e-]*/\\"scale\\":null/'
    refused_model 'preprocessing: expected two numbers'
    with_header 's/\\"Flatten\\"/\\"Flutten\\"/'
    refused_model 'a Flutten layer is not supported'
    with_header 's/\\"units\\":128/\\"units\\":-128/'
    refused_model 'layer '
    with_header 's/"loss":"sparse_categorical_crossentropy"/"loss":"hings"/'
    refused_model 'hings'
}

case_file_of_another_program() {
    { le64 104 && printf '%-104s' '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}' &&
        bytes 0 0 0 0; } >bad.safetensors
    refused_model 'a safetensors file, but not a model that convoy saved'
}

run_cases "$@"
