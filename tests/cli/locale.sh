#!/usr/bin/env bash
# What the library reads and writes is the same in every locale of the calling program. The program itself chooses
# none: $1, tests/support/locale.c, does so for it. The locale is made here, so that none need be installed:
# 0.5 is 0,5, the capital of i is not I, as in Turkish, and a name's capitals come after its small letters.
library=$(realpath "$1")
shift
. "$(dirname "$0")/harness.sh"

make_locale() {
    local code letter rest=ABCDEFGHJKLMNOPQRSTUVWXYZ upper='' lower=''
    command -v localedef >/dev/null || skip "localedef is not installed"
    {
        printf '<code_set_name> ASCII\n<comment_char> %%\n<escape_char> /\nCHARMAP\n'
        for code in {0..127}; do
            printf '<U%04X> /x%02x\n' "$code" "$code"
        done
        printf 'END CHARMAP\n'
    } >"$scratch/ascii"
    for ((code = 0; code < ${#rest}; code++)); do
        printf -v letter %d "'${rest:code:1}"
        printf -v upper '%s;(<U%04X>,<U%04X>)' "$upper" $((letter + 32)) "$letter"
        printf -v lower '%s;(<U%04X>,<U%04X>)' "$lower" "$letter" $((letter + 32))
    done
    {
        printf 'comment_char %%\nescape_char /\nLC_CTYPE\ntoupper %s\ntolower %s\nEND LC_CTYPE\n' "${upper#;}" "${lower#;}"
        printf 'LC_COLLATE\norder_start forward\n'
        for code in {0..64} {97..122} {91..96} {65..90} {123..127}; do
            printf '<U%04X>\n' "$code"
        done
        printf 'order_end\nEND LC_COLLATE\n'
        printf 'LC_NUMERIC\ndecimal_point "<U002C>"\nthousands_sep ""\ngrouping -1\nEND LC_NUMERIC\n'
    } >"$scratch/source"
    localedef -c -f "$scratch/ascii" -i "$scratch/source" "$scratch/foreign" >"$scratch/notes_of_localedef" 2>&1
    [ -f "$scratch/foreign/LC_COLLATE" ] || skip "localedef cannot make a locale"
}

# abroad ARGUMENTS...: convoy with them in the other locale.
abroad() {
    run env LD_PRELOAD="$library" LOCPATH="$scratch" CONVOY_LOCALE=foreign "$convoy" "$@"
}

# What came out, times aside.
without_times() {
    echo "status $status"
    sed -E 's/"([a-z_]*seconds|images_per_second|started|finished)":[^,}]*//g' "$scratch/out" "$scratch/err"
}

# same ARGUMENTS...: convoy with them says the same in both locales.
same() {
    run "$convoy" "$@"
    without_times >"$scratch/here"
    abroad "$@"
    without_times >"$scratch/there"
    same_files "$scratch/here" "$scratch/there"
}

case_a_training_and_its_files() {
    local arguments=(train --model mlp --data "$(digits 200 20)" --validation-split 0.25 --epochs 2 --quiet --threads 1 --json
        --optimizer 'adam:beta_1=0.85,weight_decay=1e-3,exclude_from_weight_decay=[b.as]' --freeze 'dense_?'
        --learning-rate cosine_decay:initial_learning_rate=0.0015,decay_steps=9.5 --callback csv_logger:filename=c.csv
        --callback 'model_checkpoint:filepath={epoch}-{val_loss:.3f}.safetensors' --log l.csv --output m.safetensors)
    make_locale
    mkdir here there
    (cd here && works "${arguments[@]}" && without_times >"$scratch/here") || exit
    (cd there && abroad "${arguments[@]}" && without_times >"$scratch/there")
    same_files "$scratch/here" "$scratch/there"
    equal files "$(cd there && list_files)" "$(cd here && list_files)"
    same_files here/c.csv there/c.csv
    same_files <(cut -d, -f1-7 here/l.csv) <(cut -d, -f1-7 there/l.csv)
    same_files here/l.config.json there/l.config.json
    for file in {here,there}/m.safetensors; do
        same info "$file" --json
        same info "$file" --command
        same evaluate "$file" --data "$(digits 10 20)" --json
    done
}

# The settings in a checkpoint are compared with those of the run that goes on.
case_a_checkpoint_crosses_the_border() {
    local arguments=(train --quiet --model mlp --data "$(digits 100 20)" --validation-split 0.25 --checkpoint ck --json)
    make_locale
    abroad "${arguments[@]}" --epochs 1
    works "${arguments[@]}" --epochs 2 --resume
    err_is_empty
    abroad "${arguments[@]}" --epochs 3 --resume
    equal status "$status" 0
    abroad "${arguments[@]}" --epochs 3 --resume --learning-rate 0.0025
    expect_one_error 0.0025
}

case_data() {
    make_locale
    printf 'CLASS_ID,pixel0,pixel1,pixel2,pixel3\n%s\n' 0,0.25,0.5,1,0 1,1e-1,0,1,0 >table.csv
    same data info table.csv --json
    sed 's/0.25/0,25/; s/,/;/g' table.csv >half.csv
    same data info half.csv --json
    mkdir -p sets
    works data convert "$(digits 20 10)" --output sets
    cp sets/train-images-idx3-ubyte sets/train-images.idx3-ubyte
    same data info sets --json
    for class in a B _c 2.5 10.25 I i; do
        mkdir -p "pets/$class"
        cp "$tests/data/pictures/seven.png" "pets/$class/TINY.PNG"
    done
    same data info pets --resize 28x28 --json
    same data check pets --resize 28x28
}

case_sentences() {
    make_locale
    same train --validation-split 1.5
    same train --optimizer sgd:momentum=0,5
    same train --optimizer SGD:NESTEROV=TRUE
    same train --learning-rate 0.1e
    same train --learning-rate piecewise_constant_decay:boundaries=[1.5;0.5],values=[1;2;3]
    same train --epochs 2.5
    same train --augment random_zoom:height_factor=-1.5
    same info --optimizers --json
    same info --layers
}

run_cases "$@"
