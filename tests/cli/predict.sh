#!/usr/bin/env bash
# convoy predict: every kind of file, and what becomes of those that cannot be read.
. "$(dirname "$0")/harness.sh"

pictures=$tests/data/pictures

# The labels of all predictions on stdout, in one line.
labels() {
    grep -oE '"(label|error)":"[^"]*","probability":[0-9.e-]*,"top"' "$scratch/out" |
        cut -d'"' -f4 | paste -sd ' '
}

case_prints_a_table() {
    make_model m.safetensors
    works predict m.safetensors "$pictures/seven.png"
    err_is_empty
    equal lines "$(wc -l <"$scratch/out")" 2
    out_has '^image +class +probability +runners-up$'
    out_has '/seven.png  [0-9] +[0-9.]+%  [0-9] [0-9.]+%, [0-9] [0-9.]+%$'
}

case_json_has_the_keys_it_should() {
    make_model m.safetensors
    works predict m.safetensors "$pictures/seven.png" --json
    equal keys "$(json_keys)" "command predictions file label probability top label probability \
label probability label probability"
    equal command "$(json_value command)" predict
    equal file "$(json_value file)" "$pictures/seven.png"
    works predict m.safetensors "$pictures/seven.png" --json --top 1
    equal keys "$(json_keys)" "command predictions file label probability top label probability"
    works predict m.safetensors "$pictures/seven.png" --json --top 1000
    equal labels "$(grep -o '"label"' "$scratch/out" | wc -l)" 11
}

case_reads_every_format_alike() {
    make_model m.safetensors
    local first
    works predict m.safetensors "$pictures"/seven.{png,pgm,bmp,jpg} --json
    first=$(labels)
    equal labels "$first" "${first%% *} ${first%% *} ${first%% *} ${first%% *}"
    equal "png, pgm and bmp" "$(grep -o '"probability":[^,]*,"top"' "$scratch/out" | head -n 3 | uniq |
        wc -l)" 1
}

case_reads_folders() {
    make_model m.safetensors
    mkdir folder
    cp "$pictures/seven.png" folder/b.png
    cp "$pictures/seven.jpg" folder/a.JPG
    cp "$pictures/seven.png" folder/.hidden
    echo note >folder/note.txt
    works predict m.safetensors folder --json
    equal files "$(grep -oE '"file":"[^"]*"' "$scratch/out" | paste -sd ' ')" \
        '"file":"folder/a.JPG" "file":"folder/b.png"'
    mkdir empty
    run "$convoy" predict m.safetensors empty
    equal status "$status" 1
    expect_one_error 'empty: no PNG, JPEG, BMP, PGM or PPM file in it'
}

case_reads_idx() {
    make_model m.safetensors
    works data convert "$(digits 5 3)" --output idx
    works predict m.safetensors idx/t10k-images-idx3-ubyte --json
    equal files "$(grep -oE '"file":"[^"]*"' "$scratch/out" | cut -d'"' -f4 | paste -sd ' ')" \
        "idx/t10k-images-idx3-ubyte[0] idx/t10k-images-idx3-ubyte[1] idx/t10k-images-idx3-ubyte[2]"
    cp "$scratch/out" plain
    gzip -c idx/t10k-images-idx3-ubyte >idx/t10k-images-idx3-ubyte.gz
    works predict m.safetensors idx/t10k-images-idx3-ubyte.gz --json
    sed "s/ubyte[.]gz/ubyte/g" "$scratch/out" >packed
    same_files plain packed
}

case_inverts_dark_ink() {
    make_model m.safetensors
    works predict m.safetensors "$pictures/seven.png" "$pictures/seven-on-black.png" --verbose
    out_has '/seven.png: 90 x 70 pixels, background 250, inverted, ink of '
    out_has '/seven-on-black.png: 90 x 70 pixels, background 5, ink of '
    equal readings "$(grep -cE '  [0-9] +[0-9.]+%  ' "$scratch/out")" 2
    works predict m.safetensors "$pictures/seven.png" --verbose --invert yes
    out_has 'inverted'
    works predict m.safetensors "$pictures/seven-on-black.png" --verbose --invert no
    ! grep -q 'inverted' "$scratch/out" || fail "inverted although told not to"
}

case_says_nothing_of_what_it_did_unless_asked() {
    make_model m.safetensors
    works predict m.safetensors "$pictures/seven.png"
    ! grep -q 'pixels' "$scratch/out" || fail "found a report"
}

case_goes_on_after_an_unreadable_file() {
    make_model m.safetensors
    echo "a letter" >letter.png
    run "$convoy" predict m.safetensors "$pictures/seven.png" letter.png "$pictures/seven.jpg" --json
    equal status "$status" 1
    expect_one_error 'letter.png: not a PNG, JPEG, BMP, PGM or PPM picture'
    equal keys "$(json_keys)" "command predictions file label probability top label probability label \
probability label probability file error file label probability top label probability label \
probability label probability"
    out_has '\{"file":"letter.png","error":"letter.png: not a PNG'
    run "$convoy" predict m.safetensors "$pictures/seven.png" letter.png
    equal status "$status" 1
    expect_one_error 'letter.png: not a PNG'
    equal lines "$(wc -l <"$scratch/out")" 2
}

case_reads_idx_of_any_name() {
    make_model m.safetensors
    works data convert "$(digits 5 3)" --output idx
    mv idx/t10k-images-idx3-ubyte digits.bin
    works predict m.safetensors digits.bin --json
    out_has '"file":"digits.bin\[2\]"'
}

case_segments_several_digits() {
    local model=$tests/../models/lenet5.safetensors
    works predict "$model" "$pictures/forty-two.png" --segment --json --annotate read.png
    out_has '"text":"42"'
    out_has '"label":"4".*"box":\{"left":[0-9]+,"top":[0-9]+,"right":[0-9]+,"bottom":[0-9]+\}.*"label":"2"'
    equal "a PNG" "$(head -c 4 read.png | tail -c 3)" PNG
    works predict "$model" "$pictures/forty-two.png" --segment
    out_has 'forty-two.png:1 +4 '
    out_has 'forty-two.png:2 +2 '
    works predict "$model" "$pictures/forty-two.png" --json
    err_has 'forty-two.png: there are about 2 characters in it, one was read; --segment reads all'
    out_has '"others":1'
    refuses 2 '--annotate takes one picture, but 2' predict "$model" "$pictures/seven.png" \
        "$pictures/seven.jpg" --annotate a.png
}

case_saves_what_the_network_saw() {
    make_model m.safetensors
    works predict m.safetensors "$pictures/seven.png" "$pictures/forty-two.png" --segment \
        --save-inputs inputs
    equal files "$(ls inputs | paste -sd ' ')" \
        "000001-seven.png 000002-forty-two-1.png 000003-forty-two-2.png"
    cp inputs/000001-seven.png seen.png
    works predict m.safetensors seen.png --verbose
    out_has "has the model's form already"
}

# The pictures of a folder, read one by one, are what training saw of them: as many are right.
case_takes_pictures_whole() {
    local right=0 class
    works data convert "$(digits 300 60)" --to folders --output set
    works train --quiet --model mlp --data set --epochs 3 --output own.safetensors
    run "$convoy" evaluate own.safetensors --data set --json
    local accuracy
    accuracy=$(json_value accuracy)
    works predict own.safetensors --whole --recursive --csv set/test
    right=$(awk -F, 'NR > 1 { n = split($1, part, "/"); right += part[n - 1] == $3 } END { print right / (NR - 1) }' \
        "$scratch/out")
    awk -v a="$accuracy" -v b="$right" 'BEGIN { exit !(a - b < 1e-6 && b - a < 1e-6) }' ||
        fail "evaluate: $accuracy right, predict --whole: $right"
    refuses 2 'choose one of them' predict own.safetensors --whole --segment "$tests/data/pictures/seven.png"
}

case_prints_csv() {
    make_model m.safetensors
    cp "$pictures/seven.png" 'a, "b".png'
    echo text >broken.png
    run "$convoy" predict m.safetensors 'a, "b".png' broken.png --csv
    equal status "$status" 1
    equal heading "$(head -n 1 "$scratch/out")" \
        file,index,label,probability,left,top,right,bottom,error
    out_has '^"a, ""b"".png",0,[0-9],[0-9.e-]+,[0-9]+,[0-9]+,[0-9]+,[0-9]+,$'
    out_has '^broken.png,0,,,,,,,'
    refuses 2 '--csv and --json' predict m.safetensors broken.png --csv --json
}

case_walks_folders_and_counts_what_it_skips() {
    make_model m.safetensors
    mkdir -p scans/more
    cp "$pictures/seven.png" scans/more/b.png
    ln -s .. scans/more/loop
    touch scans/a.heic scans/b.HEIC scans/c.webp scans/d.tif scans/notes.txt scans/._e.png
    run "$convoy" predict m.safetensors scans
    equal status "$status" 1
    err_has 'scans: no PNG, JPEG, BMP, PGM or PPM file in it, folders inside it need --recursive'
    works predict m.safetensors scans --recursive --json
    equal files "$(grep -oE '"file":"[^"]*"' "$scratch/out")" '"file":"scans/more/b.png"'
    out_has '"skipped":5'
    err_has '5 files in folders skipped, .*: 2 HEIC, 1 WebP, 1 TIFF, 1 other$'
}

case_takes_names_from_stdin() {
    make_model m.safetensors
    cp "$pictures/seven.png" 'with space.png'
    cp "$pictures/seven.png" $'new\nline.png'
    "$convoy" predict m.safetensors - --csv >"$scratch/out" 2>"$scratch/err" <<<'with space.png' ||
        fail "names by line"
    out_has '^with space.png,0,[0-9],'
    printf '%s\0' 'with space.png' $'new\nline.png' |
        "$convoy" predict m.safetensors - --json >"$scratch/out" 2>"$scratch/err" ||
        fail "names by zero bytes"
    out_has '"file":"new.nline.png"'
}

case_names_pictures_of_other_kinds() {
    make_model m.safetensors
    printf '1,0,1,2,3\n' >table.CSV
    refuses 1 'table.CSV: a data set, expected pictures; convoy evaluate MODEL --data FILE' predict m.safetensors table.CSV
    printf 'RIFF\0\0\0\0WEBPVP8 ' >a.png
    refuses_kind a.png WebP
    printf '\0\0\0\x18ftypheic\0\0\0\0' >b.jpg
    refuses_kind b.jpg HEIC
    printf 'II*\0\0\0\0\0' >c.png
    refuses_kind c.png TIFF
}

refuses_kind() {
    run "$convoy" predict m.safetensors "$1"
    equal status "$status" 1
    expect_one_error "$1: not a PNG, JPEG, BMP, PGM or PPM picture (it is $2: convert it to PNG or JPEG)"
}

case_names_every_unreadable_file() {
    make_model m.safetensors
    run "$convoy" predict m.safetensors one.png two.png
    equal status "$status" 1
    err_has '^convoy: predict: one.png: No such file or directory$'
    err_has '^convoy: predict: two.png: No such file or directory$'
    err_has '^convoy: predict: 2 of 2 pictures could not be read$'
    run "$convoy" predict m.safetensors 'scan*.png'
    equal status "$status" 1
    err_has '^convoy: predict: scan\*.png: No such file or directory$'
    err_has '^That pattern was not expanded: '
}

case_takes_names_that_begin_with_a_dash() {
    make_model m.safetensors
    cp "$pictures/seven.png" ./-7.png
    works predict m.safetensors --json -- -7.png
    equal file "$(json_value file)" -7.png
}

case_wants_a_model_and_a_picture() {
    refuses 2 'expected MODEL FILE...' predict
    refuses 2 'expected MODEL FILE...' predict m.safetensors
    refuses 1 'm.safetensors: No such file' predict m.safetensors "$pictures/seven.png"
    make_model m.safetensors
    refuses 2 '--invert' predict m.safetensors "$pictures/seven.png" --invert perhaps
    refuses 2 '--top' predict m.safetensors "$pictures/seven.png" --top 0
}

run_cases "$@"
