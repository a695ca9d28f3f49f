#!/usr/bin/env bash
# Names from outside (files, classes, layers, columns, words of the command line) that hold newlines, escape sequences
# of a terminal and bytes that are not UTF-8. None may begin a line of its own, color anything, or break the encoding.
. "$(dirname "$0")/harness.sh"

bad=$'a\nconvoy: forged\x1b[31m\r\xff\xc2\x9b'

# shows ARGUMENTS...: convoy with them prints the name, escaped, and nothing that the name would do.
shows() {
    tame "$@"
    cat "$scratch/out" "$scratch/err" >"$scratch/both"
    grep -qF 'a\nconvoy: forged\x1b[31m\r\xff\x9b' "$scratch/both" || fail "convoy $*: expected the escaped name"
}

# tame ARGUMENTS...: as above, where the name may be cut or not be printed at all.
tame() {
    run "$convoy" "$@"
    clean "$@"
}

# clean ARGUMENTS...: what convoy with them has printed holds nothing of that kind.
clean() {
    local file
    [ "$status" -le 2 ] || fail "convoy $*: expected status 0, 1 or 2"
    for file in out err; do
        ! grep -qa '^convoy: forged' "$scratch/$file" || fail "convoy $*: std$file: a line that was forged"
        ! grep -qaP '[\x1b\r]' "$scratch/$file" || fail "convoy $*: std$file: a control character"
        iconv -f UTF-8 -t UTF-8 "$scratch/$file" >/dev/null 2>&1 || fail "convoy $*: std$file: not UTF-8"
    done
}

case_words_of_the_command_line() {
    shows "$bad"
    shows train "--$bad"
    shows train "$bad"
    shows train --epochs "$bad"
    tame train --learning-rate "$bad"
    tame train --optimizer "$bad"
    tame train --optimizer "adam:$bad=1"
    tame train --optimizer "adam:beta_1=$bad"
    tame train --loss "$bad"
    tame train --callback "early_stopping:monitor=$bad"
    tame train --class-weight "$bad"
    shows train --memory "$bad"
    tame train --freeze "[$bad" --model m.safetensors
    tame train --augment "$bad"
    tame compare --grid "$bad"
    tame compare --target "$bad"
    shows scale --threads "$bad"
    shows data "$bad"
    tame info --learning-rate "$bad"
}

case_words_of_the_environment() {
    OMP_NUM_THREADS=$bad run "$convoy" info
    sed -i '/^libgomp:/d' "$scratch/err"
    clean info
    CONVOY_ISA=$bad shows info
    CONVOY_GEMM=$bad shows info
}

case_paths_that_are_not_there() {
    make_model m.safetensors
    shows train --data "$bad"
    shows train --model "$bad"
    shows train --config "$bad"
    shows train --output "$bad/m.safetensors"
    shows train --epochs 1 --data "$(digits 32 16)" --log "$bad/log.csv"
    shows evaluate "$bad"
    shows evaluate m.safetensors --data "$bad"
    shows predict m.safetensors "$bad"
    shows predict m.safetensors "$bad.png"
    shows info "$bad"
    shows data info "$bad"
    shows data convert digits --to "$bad" --output x
    ln -s nowhere "$bad"
    shows compare --report "$bad"
}

# To a program the names in a table are what they are.
case_a_table_on_a_terminal() {
    script -qec true /dev/null >"$scratch/out" 2>&1 || skip "script is not installed, or there are no terminals here"
    make_model m.safetensors
    cp "$tests/data/pictures/seven.png" $'a\n\x1b[31m"\xff.png'
    run script -qec "'$convoy' predict m.safetensors *.png --csv" /dev/null
    tr -d '\r' <"$scratch/out" >"$scratch/shown" && mv "$scratch/shown" "$scratch/out"
    clean predict
    out_has '^"a\\n\\x1b\[31m"\\xff.png",0,[0-9],'
    works predict m.safetensors --csv ./*.png
    grep -qaF $'\x1b[31m""\xff.png",0,' "$scratch/out" || fail "expected the name as it is"
}

# A sentence about a name of 100 KiB still says what is wrong with it.
case_long_words() {
    local long
    printf -v long '%0100000d' 0
    refuses 1 '00000: File name too long' train --data "$long"
    refuses 1 '00000: File name too long' evaluate "$long"
    refuses 1 'File name too long' train --output "$long.safetensors"
    refuses 2 '00001", expected' train --learning-rate "0.${long}1"
}

case_files_that_are_there() {
    make_model m.safetensors
    printf 'nothing' >"$bad"
    shows train --data "$bad"
    shows train --model "$bad"
    shows train --config "$bad"
    shows evaluate "$bad"
    shows predict m.safetensors "$bad"
    shows train --checkpoint "$bad"
    shows compare --report "$bad"
    shows data convert digits --output "$bad"
}

case_outputs() {
    shows train --model mlp --data "$(digits 64 20)" --epochs 1 --output "$bad.safetensors"
    tame evaluate "$bad.safetensors" --mistakes "$bad" --data "$(digits 64 20)"
    shows data convert "$(digits 20 20)" --to folders --output "$bad"
    shows predict "$bad.safetensors" "$bad/test"
    shows info --learning-rate 0.1 --steps 10 --plot "$bad.svg"
    tame train --model mlp --data "$(digits 64 20)" --epochs 1 --checkpoint "$bad.d" --steps 1
    shows train --model mlp --data "$(digits 64 20)" --epochs 1 --checkpoint "$bad.d" --resume
}

case_classes() {
    works data convert "$(digits 100 20)" --to folders --output f
    mv f/train/3 "f/train/$bad"
    mv f/test/3 "f/test/$bad"
    tame data info f
    rm -r "f/test/$bad"
    tame data check f
    tame train --model mlp --data f --epochs 1
    works data convert f --to packed --output f.packed
    tame data info f.packed
    tame evaluate model.safetensors --data f
    out_has '^a\\nconvoy: forged\\x1b\[31m\\r'
    tame predict model.safetensors f/train --recursive
    works predict model.safetensors f/train --recursive --json
    clean predict --json
}

case_columns_and_labels_of_a_table() {
    local column=$'a\x1b[31m'
    printf 'label,%s\n1,2\n2,x%s\n' "$column" "$column" >t.csv
    tame data info t.csv
    printf '"%s",1,2\nb,3,4\n"%s",1,2\nb,3,5\n' "$column" "$column" >t.csv
    tame data info t.csv
}

case_layers() {
    printf '{"class_name":"Sequential","config":{"name":"%s","layers":[{"class_name":"%s","config":{}}]}}' \
        'a\nconvoy: forged\u001b[31m' 'b\nconvoy: forged\u001b[31m' >net.json
    tame train --model net.json
    equal status "$status" 1
    err_has 'b\\nconvoy: forged\\x1b\[31m'
    printf '{"class_name":"Sequential","config":{"name":"%s","layers":[
        {"class_name":"InputLayer","config":{"batch_input_shape":[null,28,28,1]}},
        {"class_name":"Flatten","config":{"name":"f"}},
        {"class_name":"Dense","config":{"units":10,"name":"%s"}}]}}' \
        'a\nconvoy: forged\u001b[31m' 'b\nconvoy: forged\u001b[31m' >net.json
    tame info net.json
    tame train --model net.json --data "$(digits 32 16)" --epochs 1
}

# What would continue a run can be pasted into a shell.
case_a_line_to_paste() {
    run "$convoy" train --model mlp --data "$(digits 64 20)" --epochs 1 --time-limit 1s \
        --log $'it\'s\n\x1b\\.csv' --output n.safetensors --callback "csv_logger:filename=$bad.csv"
    tame info n.safetensors --command
    out_has "csv_logger:filename=a\\\\nconvoy: forged"
    eval "set -- $(cat "$scratch/out")"
    [[ "$*" == *"csv_logger:filename=a"$'\n'"convoy: forged"* ]] || fail "the line reads as $*"
}

run_cases "$@"
