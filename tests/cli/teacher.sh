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

# Scans of single digits in class folders, $1/CLASS/NUMBER.pgm, of $2 images from the built-in digits
# with seed $3: dark ink three times as large, somewhere on light paper of varying size.
scan() {
    works data convert "digits:seed=$3,train=$2,test=20" --to csv --output "csv$3"
    local file
    file=$(find "csv$3" -name '*train*')
    mkdir -p "$1"/{0..9}
    awk -F, -v to="$1" '
        $1 ~ /^[0-9]+$/ {
            n++; height = 100 + n * 7 % 60; width = 95 + n * 11 % 70
            top = n * 5 % (height - 84); left = n * 3 % (width - 84)
            file = to "/" $1 "/" n ".pgm"
            printf "P2 %d %d 255\n", width, height >file
            for (y = 0; y < height; y++)
                for (x = 0; x < width; x++) {
                    r = int((y - top + 300) / 3) - 100; c = int((x - left + 300) / 3) - 100
                    ink = r >= 0 && r < 28 && c >= 0 && c < 28 ? $(2 + 28 * r + c) : 0
                    printf "%d\n", 230 - 0.8 * ink - (x + 2 * y) % 3 >file
                }
            close(file)
        }' "$file"
}

# The digits in scans are somewhere on the paper, those of MNIST in the middle: a model for both needs them
# cut out, as `predict` does.
case_finds_ink_in_scans() {
    local plain cut
    scan pupils 120 5
    scan exam 80 6
    rm -rf csv5 csv6
    works train --data "$(digits 3000 100)" --data pupils --epochs 2 --output whole.safetensors --json
    err_has '^convoy: note: pupils: 120 pictures were scaled to 28 x 28 as a whole; .* --find-ink'
    works evaluate whole.safetensors --data exam --json
    plain=$(json_value accuracy)
    works train --data "$(digits 3000 100)" --data pupils --find-ink --epochs 2 --output ink.safetensors --json --quiet
    err_is_empty
    works evaluate ink.safetensors --data exam --json # without the option: it is in the model
    err_is_empty
    cut=$(json_value accuracy)
    below 0.8 "$cut" && below "$plain" 0.6 || fail "accuracy $plain of whole pictures, $cut with --find-ink"
    works predict ink.safetensors --recursive --csv exam
    equal "pictures read alike" "$(awk -F, 'NR > 1 { n = split($1, part, "/"); right += part[n - 1] == $3 }
        END { printf "%.4f", right / 80 }' "$scratch/out")" "$(printf %.4f "$cut")"
    works data info pupils --find-ink --json
    out_has '"height":28,"width":28,"channels":1'
    sha=$(json_value sha256)
    works data info pupils --find-ink --memory 10K --cache cache --json
    equal "from the packed file" "$(json_value sha256)" "$sha"
    works data info pupils --find-ink --memory 10K --cache cache --json
    equal "from the packed file, again" "$(json_value sha256)" "$sha"
    awk 'BEGIN { print "P2 90 90 255"; for (i = 0; i < 8100; i++) print 230 }' >pupils/3/blank.pgm
    works data info pupils --find-ink --json
    err_has 'pupils/3/blank.pgm: no ink found'
    refuses 1 'blank.pgm: no ink found' data info pupils --find-ink --strict
    works data check pupils
    out_has 'pictures are not .* --resize HxW, or --find-ink'
    grep -q 'no images of' "$scratch/out" && fail "classes of the pictures left out"
    refuses 2 '--find-ink and --rgb: choose one' train --data pupils --find-ink --rgb
    refuses 1 'use --resize HxW, or --find-ink for a character in each' train --data pupils
    rm pupils/*/[1-9]*.pgm
    cp pupils/3/blank.pgm pupils/4
    refuses 1 'none of its 2 pictures can be read' data info pupils --find-ink
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
