#!/usr/bin/env bash
# convoy evaluate: its numbers fit each other, its forms are as documented.
. "$(dirname "$0")/harness.sh"

case_prints_tables() {
    make_model m.safetensors
    works evaluate m.safetensors --data "$(digits 10 300)"
    err_is_empty
    out_has '^300 images in .*s \(.* k?img/s\)$'
    out_has '^loss      [0-9.]+$'
    out_has '^accuracy  [0-9.]+%$'
    out_has '^top-3     [0-9.]+%$'
    out_has '^rmse      [0-9.]+$'
    out_has '^class +precision +recall +f1 +images$'
    equal "classes" "$(grep -cE '^[0-9] +[01]\.[0-9]{4} ' "$scratch/out")" 10
    out_has '^true . read as +0 +1 +2 +3 +4 +5 +6 +7 +8 +9$'
}

case_json_has_the_keys_it_should() {
    make_model m.safetensors
    works evaluate m.safetensors --data "$(digits 10 300)" --json
    local class="label precision recall f1 support" classes=
    for _ in 1 2 3 4 5 6 7 8 9 10; do classes+=" $class"; done
    equal keys "$(json_keys)" "command images loss accuracy top_k 3 mae mse rmse confusion \
classes$classes seconds images_per_second"
    equal command "$(json_value command)" evaluate
    equal images "$(json_value images)" 300
}

# The confusion matrix sums to the images, its diagonal to the hits, the supports to the images.
case_numbers_fit_each_other() {
    make_model m.safetensors
    works evaluate m.safetensors --data "$(digits 10 300)" --json
    local matrix
    matrix=$(grep -o '"confusion":\[\[[^"]*\]\]' "$scratch/out" | cut -d: -f2)
    tr -s '[]' '\n' <<<"$matrix" | grep '[0-9]' | awk -F, -v accuracy="$(json_value accuracy)" '
        { for (i = 1; i <= NF; i++) sum += $i; hits += $NR; columns = NF }
        END { exit !(NR == 10 && columns == 10 && sum == 300 && (hits / 300 - accuracy) ^ 2 < 1e-12) }' ||
        fail "confusion matrix and accuracy: $matrix"
    equal support "$(grep -o '"support":[0-9]*' "$scratch/out" |
        awk -F: '{ sum += $2 } END { print sum }')" 300
    ! below "$(grep -o '"3":[0-9.]*' "$scratch/out" | cut -d: -f2)" "$(json_value accuracy)" ||
        fail "fewer hits among three than among one"
}

case_scores_what_training_scored() {
    works train --model mlp --data "$(digits 300 200)" --epochs 1 --json
    local test
    test=$(grep -o '"test":{[^}]*}' "$scratch/out")
    works evaluate model.safetensors --data "$(digits 300 200)" --json
    equal accuracy "$(json_value accuracy)" "$(grep -o '"accuracy":[0-9.]*' <<<"$test" | cut -d: -f2)"
    equal loss "$(json_value loss)" "$(grep -o '"loss":[0-9.e-]*' <<<"$test" | cut -d: -f2)"
}

case_takes_the_split_and_k_it_is_told() {
    make_model m.safetensors
    works evaluate m.safetensors --data "$(digits 50 20)" --split train --top-k 10 --json
    equal images "$(json_value images)" 50
    out_has '"top_k":\{"10":1.0\}'
}

case_threads_change_nothing() {
    make_model m.safetensors
    local first
    for threads in 1 2 3; do
        works evaluate m.safetensors --data "$(digits 10 300)" --json --threads $threads
        sed 's/,"seconds".*//' "$scratch/out" >"$threads"
    done
    same_files 1 2
    same_files 1 3
}

case_refuses_what_does_not_fit() {
    refuses 1 'missing.safetensors: No such file' evaluate missing.safetensors
    refuses 2 'found nothing to work on, expected MODEL' evaluate
    refuses 2 'one operand too many' evaluate a b
    make_model m.safetensors
    refuses 1 'nowhere' evaluate m.safetensors --data nowhere
}

# Images of other classes, a part that is not there, and classes of one name.
case_refuses_images_that_are_not_the_models() {
    works data convert "$(digits 40 5)" --to folders --output all
    mkdir pets
    mv all/train/0 pets/cat
    mv all/train/1 pets/dog
    works train --model mlp --data pets --epochs 1 --output m.safetensors
    refuses 2 '--data: missing, and the classes of m.safetensors, such as cat, are not those of the built-in digits' \
        evaluate m.safetensors
    works evaluate m.safetensors --data pets
    out_has ' on pets, all images$'
    refuses 2 '--split validation: pets is not divided into parts' evaluate m.safetensors --data pets --split validation
    sed -i 's/"dog"/"cat"/; s/\\"dog\\"/\\"cat\\"/' m.safetensors
    refuses 1 'm.safetensors: class_names: found "cat" twice' evaluate m.safetensors --data pets
}

case_writes_mistakes_predictions_and_confusion() {
    make_model m.safetensors
    works evaluate m.safetensors --data "$(digits 5 50)" --mistakes wrong.png \
        --predictions answers.csv --confusion matrix.png --json
    local accuracy wrong
    accuracy=$(json_value accuracy)
    equal lines "$(wc -l <answers.csv)" 51
    equal heading "$(head -n 1 answers.csv)" index,label,predicted,probability,correct
    wrong=$(grep -c ',0$' answers.csv)
    equal accuracy "$(awk -v w="$wrong" 'BEGIN { printf "%.2f", (50 - w) / 50 }')" \
        "$(printf '%.2f' "$accuracy")"
    equal "two PNG" "$(head -qc 4 wrong.png matrix.png | tr -dc PNG)" PNGPNG
    refuses 1 'nowhere/wrong.png: folder nowhere' evaluate m.safetensors --data "$(digits 5 50)" --mistakes nowhere/wrong.png
    [ -e /dev/full ] || return 0
    run "$convoy" evaluate m.safetensors --data "$(digits 5 50)" --mistakes /dev/full
    equal status "$status" 1
    expect_one_error '/dev/full: No space left on device'
    out_has '^accuracy ' # a file that cannot be written in the end does not cost the scores
}

case_mistakes_are_those_of_the_split_that_was_scored() {
    works data convert digits:train=40,test=5 --to folders --output part
    works data convert digits:seed=5,train=30,test=5 --to folders --output other
    mv other/train part/val
    make_model m.safetensors
    works evaluate m.safetensors --data part --split validation --predictions answers.csv --json
    equal images "$(json_value images)" 30
    equal lines "$(wc -l <answers.csv)" 31
    equal hits "$(grep -c ',1$' answers.csv)" \
        "$(awk -v a="$(json_value accuracy)" 'BEGIN { printf "%.0f", 30 * a }')"
}

run_cases "$@"
