#!/usr/bin/env bash
# A teacher's path: train on digits as MNIST has them and on 200 pictures of her pupils' in class folders, see
# which of the pupils' are read wrongly, read new sheets into a table. And pictures of kinds that phones and
# scanners make.
. "$(dirname "$0")/harness.sh"

pictures=$tests/data/pictures

case_train_evaluate_mistakes_and_predict() {
    works data convert "$(digits 2000 200)" --output mnist
    works data convert digits:seed=77,train=200,test=60 --to folders --output all
    mv all/train pupils
    mv all/test new
    equal "pictures of the pupils" "$(find pupils -name '*.png' | wc -l)" 200

    works train --data mnist --data pupils --epochs 3 --output digits.safetensors --json
    out_has '"data":\{"name":"mnist \+ pupils","train":2200,"validation":0,"test":200,"classes":10\}'

    works evaluate digits.safetensors --data pupils --split train --mistakes wrong.png \
        --predictions read.csv --json
    equal images "$(json_value images)" 200
    local accuracy wrong
    accuracy=$(json_value accuracy)
    below 0.8 "$accuracy" || fail "accuracy $accuracy"
    equal "first bytes of the sheet" "$(head -c 4 wrong.png | tail -c 3)" PNG
    equal "lines of predictions" "$(wc -l <read.csv)" 201
    wrong=$(awk -F, 'NR > 1 && $2 != $3' read.csv | wc -l)
    awk -v w="$wrong" -v a="$accuracy" 'BEGIN { d = w / 200 - (1 - a); exit !(d * d < 1e-12) }' ||
        fail "$wrong of 200 lines differ, accuracy $accuracy: $(head -n 2 read.csv)"

    works predict digits.safetensors --recursive --csv new
    mv "$scratch/out" sheet.csv
    equal "lines of the table" "$(wc -l <sheet.csv)" 61
    right=$(awk -F, 'NR > 1 { n = split($1, part, "/"); right += part[n - 1] == $3 } END { print right }' sheet.csv)
    below 47 "$right" || fail "$right of 60 new pictures are read rightly"
}

case_pictures_of_phones_and_scanners() {
    mkdir -p mine/seven 'mine/not seven'
    cp "$pictures/seven-cmyk.jpg" 'mine/seven/scan 1.jpg'
    cp "$pictures/seven-16-bit.png" $'mine/seven/scan\n2.png'
    cp "$pictures/seven.bmp" 'mine/not seven/a.bmp'
    printf 'GIF89a' >'mine/not seven/b.gif'
    printf '\0\0\0\040ftypavif' >'mine/not seven/c.avif'
    ln -s .. 'mine/not seven/up'
    ln -s . mine/loop
    works data info mine --json
    out_has '"train":3,.*"height":70,"width":90,"channels":3'
    err_has 'b.gif: a GIF picture, expected PNG, JPEG, BMP, PGM or PPM'
    err_has 'c.avif: an AVIF picture'
    make_model m.safetensors
    works predict m.safetensors --csv 'mine/seven/scan 1.jpg' $'mine/seven/scan\n2.png' "$pictures/seven.png"
    equal boxes "$(awk -F, '/,0,/ { print $(NF - 4) }' "$scratch/out" | sort -u | wc -l)" 1
    works predict m.safetensors --recursive mine --json
    equal "pictures read" "$(grep -o '"top":' "$scratch/out" | wc -l)" 3
    err_has '2 files in folders skipped, .*: 1 GIF, 1 AVIF'
    cp "$pictures/seven.bmp" 'mine/seven/without ending'
    cp "$pictures/seven.png" mine/seven/seven.dat
    printf x >mine/seven/._seven.png
    printf 'words\n' >mine/seven/notes
    works data info mine --json
    out_has '"train":5,'
    works predict m.safetensors mine/seven --csv
    equal "pictures by their bytes" "$(wc -l <"$scratch/out")" 6 # one name has a newline
    err_has '1 file in folders skipped, .*: 1 other'
    find mine/seven -name '*.png' -print0 >names
    "$convoy" predict m.safetensors --csv - <names >"$scratch/out" 2>"$scratch/err" || fail "names of a Mac's files"
    rm mine/seven/w* mine/seven/*.dat
    printf 'P5 8 8 255\n%064d' 0 >mine/seven/small.pgm
    refuses 1 'small.pgm: 8 x 8 pixels' data info mine
}

run_cases "$@"
