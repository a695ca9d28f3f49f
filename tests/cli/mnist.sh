#!/usr/bin/env bash
# A short training on real MNIST against the curve it had when this was recorded. Instruction sets and
# BLAS kernels differ in last bits, which three epochs amplify a little; $tolerance covers that and
# no more.
. "$(dirname "$0")/harness.sh"

mnist=${CONVOY_MNIST:-$tests/../../shared/data/mnist}
tolerance=2e-3

if ! [ -d "$mnist" ]; then
    echo "skipped: real MNIST is not here; set CONVOY_MNIST to its folder (convoy data fetch mnist)"
    exit 77
fi
mnist=$(cd "$mnist" && pwd)

# epoch, loss, accuracy, val_loss, val_accuracy
recorded="1,0.811871324,0.765185185,0.267453953,0.915
2,0.199380568,0.940740741,0.186352856,0.948333333
3,0.133894731,0.958888889,0.143056755,0.948333333"

# near_recorded EPOCHS: the curve in log.csv is the recorded one.
near_recorded() {
    awk -F, -v epochs="$1" -v tolerance="$tolerance" -v recorded="$recorded" '
        function is_near(found, expected) { return (found - expected) ^ 2 <= tolerance ^ 2 }
        BEGIN { split(recorded, line, "\n") }
        NR > 1 {
            split(line[NR - 1], value, ",")
            if (!($1 == value[1] && is_near($4, value[2]) && is_near($5, value[3]) &&
                  is_near($6, value[4]) && is_near($7, value[5]))) bad = 1
        }
        END { exit bad || NR != epochs + 1 }' log.csv ||
        fail "the curve is not the recorded one:" "$(cut -d, -f1,4-7 log.csv)"
}

# learn EPOCHS OPTIONS...
learn() {
    local epochs=$1
    shift
    works train --quiet --data "$mnist" --model lenet5 --limit 6000 --validation-split 0.1 --seed 1 \
        --epochs "$epochs" --log log.csv --json "$@"
}

# first NAME IMAGES: the first images of train or t10k, and their labels, in the folder part.
first() {
    local name=$1 images=$2
    mkdir -p part
    { be32 2051; be32 "$images"; be32 28; be32 28; } >"part/$name-images-idx3-ubyte"
    zcat "$mnist/$name-images-idx3-ubyte.gz" | tail -c +17 | head -c $((784 * images)) >>"part/$name-images-idx3-ubyte"
    { be32 2049; be32 "$images"; } >"part/$name-labels-idx1-ubyte"
    zcat "$mnist/$name-labels-idx1-ubyte.gz" | tail -c +9 | head -c "$images" >>"part/$name-labels-idx1-ubyte"
}

case_learns_as_recorded() {
    learn 3
    near_recorded 3
    ! below "$(grep -o '"test":{[^}]*' "$scratch/out" | grep -o '[0-9.]*$')" 0.94 ||
        fail "test accuracy below 0.94"
}

# The first steps by other kernels, against those that were chosen for this processor.
case_other_kernels_learn_the_same() {
    first train 6000
    first t10k 200
    local mnist=part
    learn 1 --steps 12
    recorded=$(tail -n +2 log.csv | cut -d, -f1,4-7)
    for isa in generic avx2 avx512; do
        CONVOY_ISA=$isa run "$convoy" info
        [ "$status" -ne 2 ] || continue # not on this processor
        export CONVOY_ISA=$isa
        learn 1 --steps 12
        near_recorded 1
        unset CONVOY_ISA
    done
    export CONVOY_GEMM=reference
    learn 1 --steps 12
    near_recorded 1
}

# Whoever has seen the built-in digits alone reads people's handwriting.
case_built_in_digits_teach_to_read_it() {
    works train --quiet --epochs 2
    works evaluate model.safetensors --data "$mnist" --json
    ! below "$(json_value accuracy)" 0.85 || fail "reads $(json_value accuracy), expected 0.85"
}

case_says_what_the_data_are() {
    works data info "$mnist" --json
    out_has '"train":60000,"test":10000,"height":28,"width":28,"channels":1,'
    out_has '\{"label":"0","train":5923,"test":980\}'
}

# A small part of MNIST: some disks take minutes to delete 70,000 pictures.
case_every_format_teaches_the_same() {
    local format weights
    first train 2000
    first t10k 300
    works train --model mlp --data part --epochs 1 --quiet --json
    weights=$(json_value weights_sha256)
    for format in idx folders csv npz packed; do
        works data convert part --to $format --output $format
        works train --model mlp --data $format --epochs 1 --quiet --json
        equal "$format" "$(json_value weights_sha256)" "$weights"
    done
    works train --model mlp --data folders --memory 1M --cache c --epochs 1 --quiet --json
    equal "folders larger than memory" "$(json_value weights_sha256)" "$weights"
}

run_cases "$@"
