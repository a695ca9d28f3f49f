#!/usr/bin/env bash
# Where images can come from: class folders, CSV, NPZ, CIFAR, several at once; and what is wrong with them.
. "$(dirname "$0")/harness.sh"

# pgm FILE SIDE BYTE: a grey picture of one shade.
pgm() {
    { printf 'P5 %s %s 255\n' "$2" "$2" && head -c $(($2 * $2)) /dev/zero | tr '\0' "$3"; } >"$1"
}

# ppm FILE SIDE BYTE: a coloured one whose three channels are equal.
ppm() {
    { printf 'P6 %s %s 255\n' "$2" "$2" && head -c $((3 * $2 * $2)) /dev/zero | tr '\0' "$3"; } >"$1"
}

# Class folders pets/cat and pets/dog, four pictures each.
make_pets() {
    mkdir -p pets/cat pets/dog
    local i
    for i in 1 2 3 4; do
        pgm pets/cat/c$i.pgm 6 "\\00$i"
        pgm pets/dog/d$i.pgm 6 "\\30$i"
    done
}

case_dark_ink_on_light_paper_is_read_as_evaluate_scores_it() {
    works data convert "$(digits 1000 60)" --to csv --output light
    mkdir dark
    for part in train test; do
        awk -F, 'NR == 1 { print; next } { printf "%s", $1; for (i = 2; i <= NF; i++) printf ",%d", 255 - $i; print "" }' \
            "light/$part.csv" >"dark/$part.csv"
    done
    works train --data dark --epochs 3 --output dark.safetensors --quiet
    works data convert dark --to folders --output png
    works evaluate dark.safetensors --data dark --json
    local accuracy hits=0 label
    accuracy=$(json_value accuracy)
    for label in 0 1 2 3 4 5 6 7 8 9; do
        [ -d "png/test/$label" ] || continue
        works predict dark.safetensors --csv "png/test/$label"
        hits=$((hits + $(awk -F, -v label="$label" 'NR > 1 && $3 == label' "$scratch/out" | wc -l)))
    done
    awk -v hits="$hits" -v accuracy="$accuracy" 'BEGIN { exit hits / 60 < accuracy - 0.02 }' ||
        fail "$hits of 60 pictures are read rightly, evaluate says $accuracy"
}

case_every_format_teaches_the_same() {
    local weights format
    works train --model mlp --data "$(digits 300 60)" --epochs 1 --json
    weights=$(json_value weights_sha256)
    for format in idx folders csv npz packed; do
        works data convert "$(digits 300 60)" --to $format --output $format
        works train --model mlp --data $format --epochs 1 --json
        equal "$format" "$(json_value weights_sha256)" "$weights"
    done
    works data convert csv --to npz --output again
    works train --model mlp --data again --epochs 1 --json
    equal "csv as npz" "$(json_value weights_sha256)" "$weights"
}

case_class_names_survive_every_format() {
    make_pets
    mv pets/dog $'pets/gr\303\274n'
    local format digest
    works data info pets --json
    digest=$(json_value sha256)
    for format in idx npz csv packed folders; do
        works data convert pets --to $format --output $format
        works data info $format --json
        equal "$format: names" "$(grep -o '"label":"[^"]*"' "$scratch/out" | paste -sd ' ')" \
            $'"label":"cat" "label":"gr\303\274n"'
        equal "$format: digest" "$(json_value sha256)" "$digest"
    done
    mv pets/cat $'pets/ a\n"cat" '
    for format in npz csv packed folders; do
        works data convert pets --to $format --output $format --overwrite
        works data info $format --json
        out_has '"label":" a\\n\\"cat\\" "'
    done
    refuses 1 'a line break in its name' data convert pets --output idx --overwrite
    mv $'pets/ a\n"cat" ' pets/cat
    printf 'cat\n' >idx/classes.txt
    refuses 1 'classes.txt: 1 names, expected one for each of 2 classes' data info idx
    printf 'cat\n\377\n' >idx/classes.txt
    refuses 1 'classes.txt: not UTF-8' data info idx
    printf 'cat\r\ndog\r\nbird\r\n' >idx/classes.txt
    works data info idx --json
    out_has '"label":"dog".*"label":"bird","train":0'
    works data convert pets --output idx --overwrite
}

case_convert_keeps_what_is_there() {
    works data convert "$(digits 30 10)" --output idx
    gzip idx/*
    refuses 2 'idx: this folder is not empty' data convert "$(digits 20 10)" --output idx
    works data convert "$(digits 20 10)" --output idx --overwrite
    equal files "$(ls idx | wc -l)" 4
    works data info idx --json
    equal images "$(json_value train)" 20
    echo mine >idx/notes.txt
    refuses 2 'idx/notes.txt: not a part of a data set' data convert "$(digits 30 10)" --output idx \
        --overwrite
    works data convert "$(digits 20 10)" --to npz --output d.npz
    refuses 2 'd.npz: it exists already' data convert "$(digits 20 10)" --to npz --output d.npz
    refuses 2 'xls: unknown format' data convert "$(digits 20 10)" --to xls --output d.xls
    equal "nothing else" "$(ls -A | paste -sd ' ')" "d.npz idx"
}

# Killed at any moment, the folder holds either the old images or the new ones.
case_convert_that_is_killed_leaves_all_or_nothing() {
    local old new i found
    works data convert "$(digits 400 10)" --output idx
    works data info idx --json
    old=$(json_value sha256)
    works data info "$(digits 300 20)" --json
    new=$(json_value sha256)
    for i in 1 2 3 4 5 6 7 8; do
        "$convoy" data convert "$(digits 300 20)" --output idx --overwrite >/dev/null 2>&1 &
        sleep "0.0$((i * 12))"
        kill -9 $! 2>/dev/null
        wait $! 2>/dev/null
        works data info idx --json
        found=$(json_value sha256)
        [ "$found" = "$old" ] || [ "$found" = "$new" ] || fail "a mixture: $found"
    done
}

case_class_folders() {
    make_pets
    works data info pets --json
    out_has '"train":8,"test":0,"height":6,"width":6,"channels":1,"classes":\[\{"label":"cat","train":4'
    pgm pets/dog/d2.pgm 7 '\301'
    refuses 1 'use --resize HxW' data info pets
    works data info pets --resize 6x6 --json
    out_has '"train":8,'
    ppm pets/dog/d2.pgm 6 '\301'
    works data info pets --json
    out_has '"channels":3,'
    works data info pets --grayscale --json
    out_has '"channels":1,'
}

case_divided_class_folders() {
    make_pets
    mkdir -p all/train all/val
    mv pets/* all/train/
    mkdir -p all/val/dog
    pgm all/val/dog/x.pgm 6 '\100'
    works data info all --json
    out_has '\{"label":"dog","train":4,"test":0,"validation":1\}'
}

# Parts as archives of others name them, and below folders with nothing else in them.
case_folders_of_parts_under_other_names() {
    local train test
    make_pets
    mkdir -p all && mv pets all/train
    for train in trainingSet Train_Images training-data 'Train set' TRAINING; do
        test=${train/[Tt]rain/test}
        test=${test/TRAIN/TEST}
        mkdir there && cp -r all/train "there/$train" && cp -r all/train "there/$test"
        works data info there --json
        out_has '"train":8,"test":8,'
        rm -r there
    done
    mkdir -p dev/archive/pets && cp -r all/train dev/archive/pets/training_set && cp -r all/train dev/archive/pets/dev
    works data info dev
    out_has '^dev: 8 images to train on, 0 to test, 8 to validate, .*, 2 classes'
    mkdir classes && cp -r all/train classes/trained && cp -r all/train classes/data
    works data info classes --json # names of classes, not of parts
    out_has '"label":"data","train":8.*"label":"trained","train":8'
}

case_names_of_any_kind() {
    make_pets
    mv pets/cat 'pets/big cat'
    mv pets/dog/d1.pgm $'pets/dog/a\nb.pgm'
    ln -s .. pets/dog/loop
    ln -s . pets/loop
    : >pets/dog/._d2.pgm
    works data info pets --json
    out_has '"train":8,'
    out_has '"label":"big cat"'
}

case_names_that_are_long_or_not_utf8() {
    local long latin i
    long=$(printf 'п%.0s' $(seq 40))
    latin=$(printf 'caf\xe9')
    for class in "a$long" "$latin" "$(printf 'x%.0s' $(seq 62))é"; do
        mkdir -p "$latin$long/$class" || skip "this file system takes no such names"
        for i in 1 2 3 4; do
            { printf 'P5\n8 8\n255\n' && head -c 64 /dev/zero | tr '\0' "\\00$i"; } >"$latin$long/$class/$i.pgm"
        done
    done
    works train --model mlp --data "$latin$long" --resize 28x28 --epochs 1 --quiet --json
    fits_schema train
    works info model.safetensors --json
    out_has "\"name\":\"caf�$(printf 'п%.0s' $(seq 28))\""
    works evaluate model.safetensors --data "$latin$long"
    out_has "^a$(printf 'п%.0s' $(seq 31)) "
    out_has '^caf� '
    out_has '^x{62} '
    works train --model model.safetensors --data "$latin$long" --epochs 1 --quiet
    mkdir "$latin$long/$(printf 'caf\xe8')"
    cp "$latin$long/$latin/1.pgm" "$latin$long/$(printf 'caf\xe8')/1.pgm"
    refuses 1 'two classes have names that differ only after 63 bytes, or in bytes that are not UTF-8' \
        train --model mlp --data "$latin$long" --resize 28x28
}

case_pictures_that_cannot_be_read_are_counted() {
    make_pets
    printf 'GIF89a' >pets/cat/c5.gif
    head -c 30 pets/dog/d1.pgm >pets/dog/d5.pgm
    printf '<!DOCTYPE html><title>404</title>' >pets/dog/d6.png
    works data info pets --json
    out_has '"train":8,'
    err_has 'pets: 3 pictures left out'
    err_has 'c5.gif: a GIF picture'
    err_has 'd5.pgm: a damaged picture'
    err_has 'd6.png: a web page'
    refuses 1 'that cannot be read' data info pets --strict
    rm pets/cat/c?.pgm
    works data info pets --json --quiet
    mkdir gifs gifs/a gifs/b
    cp pets/cat/c5.gif gifs/a && cp pets/cat/c5.gif gifs/b
    refuses 1 'gifs: none of its 2 pictures can be read' data info gifs
    grep -q 'c5.gif: a GIF picture' "$scratch/err" || fail "the reason is missing"
    rm pets/cat/*
    refuses 1 'the class cat has no pictures' data info pets
    rm -r pets/cat
    refuses 1 'one class only (dog)' data info pets
}

case_csv() {
    printf 'label,pixel0,pixel1,pixel2,pixel3\r\n1,0,10,20,255\r\n0,1,2,3,4\r\n' >a.csv
    works data info a.csv --json
    out_has '"train":2,"test":0,"height":2,"width":2,"channels":1'
    printf '0,10,20,255,cat\n1,2,3,4,"my ""dog"""\n' >b.csv
    works data info b.csv --json
    out_has '"label":"cat".*"label":"my \\"dog\\""'
    printf 'l;a;b;c;d\n0;0.5;1;0;0.25\n1;0;0;0;0\n' >c.csv
    works data convert c.csv --output c --to csv
    grep -qx '0,128,255,0,64' c/train.csv || fail "fractions: $(cat c/train.csv)"
}

case_csv_as_others_write_it() {
    printf '1,0,10,20,255\r0,1,2,3,4\r' >mac.csv
    works data info mac.csv --json
    out_has '"train":2,"test":0,"height":2,'
    printf 'label,a,b,c,d\n"big\ncat",0,10,20,255\n"dog, ""my""",1,2,3,4\n' >lines.csv
    works data info lines.csv --json
    out_has '"label":"big\\ncat".*"label":"dog, \\"my\\""'
    printf '"big\ncat",0,10,20,255\ndog,1,2,,4\n' >lines.csv
    refuses 1 'lines.csv: line 3, column 4: found nothing' data info lines.csv
    printf '70000,0,10,20,255\n0,1,3,4,5\n' >label.csv
    refuses 1 'found the label 70000, expected names or numbers from 0 to 999' data info label.csv
}

# Columns that are no pixels, or whose names do not say which holds the labels.
case_csv_with_other_columns() {
    local name digest
    printf 'label,pixel0,pixel1,pixel2,pixel3\n1,0,10,20,255\n0,100,2,3,4\n' >plain.csv
    works data info plain.csv --json
    digest=$(json_value sha256)
    printf ',label,pixel0,pixel1,pixel2,pixel3\n0,1,0,10,20,255\n1,0,100,2,3,4\n' >rows.csv
    printf 'Id,label,p0,p1,p2,p3\n7,1,0,10,20,255\n8,0,100,2,3,4\n' >id.csv
    printf 'label,a,b,c,d,\n1,0,10,20,255,\n0,100,2,3,4,\n' >trailing.csv
    printf '1,0,10,20,255,\n0,100,2,3,4,\n' >bare.csv
    printf 'pixel0,pixel1,pixel2,pixel3,what\n0,10,20,255,1\n100,2,3,4,0\n' >last.csv
    printf '0,1,2,3,4\n1,0,10,20,255\n0,100,2,3,4\n' >counted.csv
    printf '0,1,2,3,4\n0,10,20,255,1\n100,2,3,4,0\n' >counted-last.csv
    printf 'pixel0,pixel1,Class,pixel2,pixel3\n0,10,1,20,255\n100,2,0,3,4\n' >inside.csv
    printf ';label;a;b;c;d\n0;1;0,0;10,0;20,0;255,0\n1;0;100,0;2,0;3;4\n' >decimals.csv
    printf '1;0,0;10,0;20,0;255,0\n0;100,0;2,0;3,0;4,0\n' >bare-decimals.csv
    printf '1\t0,0\t10,0\t20,0\t255,0\n0\t100,0\t2,0\t3,0\t4,0\n' >bare-tabs.csv
    for name in rows id trailing bare last counted counted-last inside decimals bare-decimals bare-tabs; do
        works data info $name.csv --json
        equal "$name.csv" "$(json_value sha256)" "$digest"
    done
    mkdir Both && cp plain.csv Both/Train.csv && cp plain.csv Both/TEST.CSV
    works data info Both --json
    out_has '"train":2,"test":2,'
    printf 'pixel0,pixel1,pixel2,pixel3\n1,0,1,20\n' >none.csv
    refuses 1 'no column with labels' data info none.csv
}

# FER2013's form: all pixels of an image in one cell.
case_csv_with_the_pixels_in_one_cell() {
    local name digest
    printf 'label,a,b,c,d\n1,0,10,20,255\n0,100,2,3,4\n' >plain.csv
    works data info plain.csv --json
    digest=$(json_value sha256)
    printf 'emotion,pixels\n1,0 10 20 255\n0,100 2 3 4\n' >cell.csv
    printf ' pixels; Usage; emotion\r\n0  10 20 255 ; Training;1\r\n"100 2 3 4";Training;0\r\n' >blanks.csv
    printf 'label\tpixels\n1\t[0, 10, 20, 255]\n0\t[100, 2, 3, 4]\n' >lists.tsv
    for name in cell.csv blanks.csv lists.tsv; do
        works data info $name --json
        equal "$name" "$(json_value sha256)" "$digest"
    done
    printf 'emotion,pixels,Usage\nsad,0 1 2 3,Training\nangry,1 1 2 3,PublicTest\nsad,2 1 2 3,PrivateTest\n' >use.csv
    printf 'angry,3 1 2 3,Training\n' >>use.csv
    works data info use.csv
    out_has '^use.csv: 2 images to train on, 1 to test, 1 to validate, 2 x 2 x 1, 2 classes'
    out_has '^angry +1 +0 +1'
    works data convert use.csv --to csv --output again
    equal test "$(tail -n 1 again/test.csv)" 'sad,2,1,2,3'
    equal validation "$(tail -n 1 again/validation.csv)" 'angry,1,1,2,3'
    printf 'emotion,pixels\n1,0 1 2 300\n' >a.csv
    refuses 1 'a.csv: line 2, column 2: found "300", expected whole numbers from 0 to 255' data info a.csv
    printf 'emotion,pixels\n1,0 1 2\n' >a.csv
    refuses 1 'a.csv: line 2: 3 pixels, expected those of a square image' data info a.csv
    printf 'emotion,pixels\n1,0 1 2 3\n0,1 2 3\n' >a.csv
    refuses 1 'a.csv: line 3: 3 pixels, expected 2 x 2 as before' data info a.csv
    printf 'emotion,pixels,Usage\n1,0 1 2 3,Nothing\n' >a.csv
    refuses 1 'column 3: found "Nothing", expected Training, PublicTest or PrivateTest' data info a.csv
    printf 'emotion,pixels\n1,0 1 2 3,4\n' >a.csv
    refuses 1 'line 2: more than 2 cells' data info a.csv
    printf 'emotion,pixels\n' >a.csv
    refuses 1 'a.csv: no labelled images in it' data info a.csv
    printf 'emotion,pixels\n1,\n' >a.csv
    refuses 1 'line 2: 0 pixels' data info a.csv
}

# Kaggle's way: train on train.csv, classify test.csv, which has no labels.
case_csv_without_labels_is_classified() {
    local name
    works data convert "$(digits 400 12)" --to csv --output with
    works train --quiet --model mlp --data with --epochs 2 --output m.safetensors
    works evaluate m.safetensors --data with --predictions wanted.csv
    cut -d, -f2- with/test.csv | grep -v pixel >bare.csv
    { seq -s , 0 783 | sed 's/[0-9]*/pixel&/g'; cat bare.csv; } >named.csv
    awk -F, 'NR == 1 { print "id," $0; next } { print NR - 2 "," $0 }' named.csv >numbered.csv
    awk -F, -v OFS=, 'NR > 1 { for (i = 1; i <= NF; i++) $i = sprintf("%.4f", $i / 255) } { print }' named.csv >fractions.csv
    gzip -k named.csv
    for name in bare.csv named.csv numbered.csv fractions.csv named.csv.gz; do
        works predict m.safetensors "$name" --csv
        equal "$name" "$(awk -F, 'NR > 1 { print $3 }' "$scratch/out")" "$(awk -F, 'NR > 1 { print $3 }' wanted.csv)"
    done
    out_has '^named.csv.gz\[0\],0,'
    refuses 1 'no column with labels' evaluate m.safetensors --data bare.csv
    err_has 'convoy predict MODEL "bare.csv" classifies its images'
    run "$convoy" predict m.safetensors with/test.csv
    [ "$status" -eq 1 ] || fail "a CSV with labels: status $status"
    err_has 'a data set, expected pictures'
    sed '3s/^[^,]*/300/' bare.csv >wrong.csv
    run "$convoy" predict m.safetensors wrong.csv
    [ "$status" -eq 1 ] || fail "a pixel of 300: status $status"
    err_has 'wrong.csv: line 3, column 1: found "300", expected a number from 0 to 255'
    mkdir parts && cp with/train.csv parts && cp bare.csv parts/test.csv
    works data info parts --json
    out_has '"train":400,"test":0,'
}

case_csv_that_is_wrong() {
    printf '1,nan,nan,3,4\n2,1,2,3,4\n' >a.csv # no header
    refuses 1 'a.csv: line 1, column 2: found "nan", expected a number from 0 to 255' data info a.csv
    printf 'label,a,b,c,d\n1,0,,20,255\n' >a.csv
    refuses 1 'data: a.csv: line 2, column 3: found nothing, expected a number from 0 to 255' \
        data info a.csv
    printf 'label,a,b,c,d\n1,0,1,20\n' >a.csv
    refuses 1 'a.csv: line 2: found 4 cells, expected 5' data info a.csv
    printf 'label,a,b,c,d\n1,0"0,1",2,3,4\n' >a.csv # a quote within a cell is a character like others
    refuses 1 'a.csv: line 2: found 6 cells, expected 5' data info a.csv
    printf '\377\376l\0,\0' >a.csv
    refuses 1 'a.csv: text in UTF-16: save it as CSV in UTF-8' data info a.csv
    printf 'label,a,b,c,d\n1,0,1,20,256\n' >a.csv
    refuses 1 'found "256", expected a number from 0 to 255' data info a.csv
    printf 'label,a,b,c,d\n1,0,1,20,"5\n' >a.csv
    refuses 1 'line 2, column 5: a quote that is not closed' data info a.csv
    printf 'label,a,b,c,d\n-3,0,1,20,5\n1,1,1,1,1\n' >a.csv
    refuses 1 'found the label -3' data info a.csv
    printf 'label,a,b\n1,0,1\n0,1,1\n' >a.csv
    refuses 1 '3 columns between commas, semicolons or tabs, expected a label and the pixels of square images' data info a.csv
    printf 'label,a,b,c,d\n' >a.csv
    refuses 1 'a.csv: no images in it' data info a.csv
    printf '<!DOCTYPE html>\n<a,b,c,d,e,f>' >a.csv
    refuses 1 'a.csv: a web page in place of the file' data info a.csv
    printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n' >a.csv
    refuses 1 'a.csv: a Git LFS pointer' data info a.csv
}

case_npz_that_is_wrong() {
    works data convert "$(digits 30 10)" --to npz --output d.npz
    head -c 5000 d.npz >cut.npz
    refuses 1 'cut.npz: no ZIP archive, or one that was cut short' data info cut.npz
    cp d.npz bit.npz
    printf '\377' | dd of=bit.npz bs=1 seek=3000 conv=notrunc status=none
    refuses 1 'a damaged entry (its checksum)' data info bit.npz
    sed "s/|u1/|O8/" d.npz >pickled.npz
    refuses 1 'Python objects (pickled), which are refused' data info pickled.npz
    sed "s/(30, 28, 28)/(31, 28, 28)/" d.npz >more.npz
    refuses 1 'its shape needs 24304 values' data info more.npz
    sed "s/x_train/z_train/g; s/x_test/z_test/g" d.npz >names.npz
    refuses 1 'expected the arrays x_train and y_train' data info names.npz
    sed "s/y_test/q_test/g" d.npz >half.npz
    refuses 1 'x_test, but no labels for it' data info half.npz
}

# CIFAR's form: cifar.bin RECORDS makes records whose label is its number modulo 10.
cifar() {
    local i
    for ((i = 0; i < $1; i++)); do
        bytes "$(printf '%03o' $((i % 10)))"
        head -c 1024 /dev/zero | tr '\0' "\\$(printf '%03o' $((25 * (i % 10))))"
        head -c 2048 /dev/zero | tr '\0' '\012'
    done
}

case_cifar() {
    mkdir -p c/cifar-10-batches-bin
    local i
    for i in 1 2 3 4 5; do
        cifar 20 >c/cifar-10-batches-bin/data_batch_$i.bin
    done
    cifar 10 >c/cifar-10-batches-bin/test_batch.bin
    printf 'airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n' \
        >c/cifar-10-batches-bin/batches.meta.txt
    works data info c --json
    out_has '"train":100,"test":10,"height":32,"width":32,"channels":3,"classes":\[\{"label":"airplane"'
    works data convert c --output folders --to folders
    works data info c --json
    local digest
    digest=$(json_value sha256)
    works data info folders --json
    equal digest "$(json_value sha256)" "$digest"
    works train --model cifar-cnn --data c --epochs 1 --json
    out_has '"model":"cifar_cnn","parameters":1116970,'
    works train --model lenet5 --data c --resize 28x28 --grayscale --epochs 1 --output m.safetensors
    works evaluate m.safetensors --data c --json
    out_has '"images":10,'
    printf x >>c/cifar-10-batches-bin/test_batch.bin
    refuses 1 'test_batch.bin: 30731 bytes, expected a multiple of 3073' data info c
}

case_grey_images_train_a_model_that_takes_rgb() {
    cat >rgb.json <<'END'
{"class_name": "Sequential", "config": {"name": "rgb", "layers": [
  {"class_name": "InputLayer", "config": {"name": "input", "batch_shape": [null, 8, 8, 3]}},
  {"class_name": "Flatten", "config": {"name": "flatten"}},
  {"class_name": "Dense", "config": {"name": "dense", "units": 10, "activation": "softmax"}}]}}
END
    refuses 1 'images of 28 x 28 x 1, but the model rgb takes 8 x 8 x 3; --resize 8x8 --rgb gives them that form' \
        train --model rgb.json --data "$(digits 100 10)"
    refuses 1 'takes 8 x 8 x 3; --rgb gives them that form' train --model rgb.json --data "$(digits 100 10)" --resize 8x8
    refuses 2 '--grayscale and --rgb: choose one of them' data info digits --rgb --grayscale
    works train --model rgb.json --data "$(digits 100 10)" --resize 8x8 --rgb --epochs 1 --output m.safetensors
    works evaluate m.safetensors --data "$(digits 100 10)"
    works predict m.safetensors "$tests/data/pictures/seven.png"
}

case_several_data_sets_are_joined() {
    works data convert "$(digits 60 20)" --to folders --output mine
    works train --model mlp --data "$(digits 100 10)" --data mine --epochs 1 --json
    out_has '"data":\{"name":"digits \+ mine","train":160,'
    grep -q 'no class of the same name' "$scratch/err" && fail "classes of the same names"
    make_pets
    works train --model mlp --data pets --data mine --resize 28x28 --epochs 1
    err_has '^convoy: note: pets \(cat, ...\) and mine \(0, ...\) have no class of the same name'
    works evaluate model.safetensors --data pets --data mine --resize 28x28 --json
    equal "classes of both" "$(grep -o '"precision"' "$scratch/out" | wc -l)" 12
}

case_validation_images_come_from_where_they_should() {
    works train --model mlp --data "$(digits 200 10)" --validation-data "$(digits 10 30)" --epochs 1 \
        --json
    out_has '"train":200,"validation":30,'
    works train --model mlp --data "$(digits 200 10)" --validation-split 0.25 --epochs 1 --json
    out_has '"train":150,"validation":50,'
    refuses 2 'one of them' train --validation-split 0.1 --validation-data digits
    refuses 2 '--folds: found 1' train --folds 1
}

case_folds_have_a_mean_and_a_deviation() {
    works train --model mlp --data "$(digits 90 10)" --folds 3 --epochs 1 --json
    equal folds "$(grep -o '"fold":' "$scratch/out" | wc -l)" 3
    out_has '"train":60,"validation":30,'
    out_has '"val_accuracy":\{"mean":0\.[0-9]*,"deviation":[0-9.e-]*\}'
    [ ! -e model.safetensors ] || fail "a model was saved"
}

case_evaluate_needs_only_the_part_it_scores() {
    make_model m.safetensors
    works data convert "$(digits 50 20)" --output idx
    echo damaged >idx/train-images-idx3-ubyte
    works evaluate m.safetensors --data idx --json
    out_has '"images":20,'
    refuses 1 'train-images-idx3-ubyte' evaluate m.safetensors --data idx --split train
    refuses 1 'no validation images' evaluate m.safetensors --data idx --split validation
}

# Size, channels and polarity are the model's; so is the order of the classes.
case_a_model_prepares_what_it_is_scored_on() {
    works data convert "$(digits 600 100)" --to folders --output mine
    mkdir -p swapped/a swapped/b
    cp mine/train/1/*.png swapped/b/ && cp mine/train/0/*.png swapped/a/
    works train --model mlp --data swapped --resize 28x28 --grayscale --epochs 4 --json \
        --output m.safetensors
    mkdir only && mv swapped/b only/
    works evaluate m.safetensors --data only --json
    out_has '"confusion":\[\[0,0\],\[0,[1-9]'
    mv only/b only/c
    refuses 1 'the class c is not among the 2 classes' evaluate m.safetensors --data only
}

case_packed_data_are_mapped() {
    works data convert "$(digits 300 60)" --to packed --output d.pack
    works data info "$(digits 300 60)" --json
    local digest
    digest=$(json_value sha256)
    works data info d.pack --json
    equal digest "$(json_value sha256)" "$digest"
    cp d.pack bit.pack
    printf '\377' | dd of=bit.pack bs=1 seek=9000 conv=notrunc status=none
    refuses 1 'bit.pack: a damaged packed data set (its SHA-256)' data info bit.pack
    cp d.pack size.pack
    printf '\377' | dd of=size.pack bs=1 seek=105 conv=notrunc status=none
    refuses 1 'size.pack: a damaged packed data set (its header)' data info size.pack
    head -c 9000 d.pack >cut.pack
    refuses 1 'cut.pack: a damaged packed data set (its header)' data info cut.pack
    works data info d.pack --resize 14x14 --json
    out_has '"height":14,'
}

case_more_images_than_memory() {
    works train --model mlp --data "$(digits 300 60)" --epochs 1 --json
    local weights
    weights=$(json_value weights_sha256)
    works train --model mlp --data "$(digits 300 60)" --memory 100K --epochs 1 --json
    equal weights "$(json_value weights_sha256)" "$weights"
    refuses 2 '--memory: found "12X"' train --memory 12X
}

case_check_says_what_is_unusual() {
    works data check "$(digits 600 100)"
    out_has '^digits: nothing unusual$'
    printf 'l,a,b,c,d\n2,0,1,0,1\n2,1,1,0,0\n3,0,0,0,1\n' >a.csv
    works data check a.csv --json
    equal findings "$(grep -o '"name":"[a-z_0-9]*"' "$scratch/out" | cut -d'"' -f4 | paste -sd ' ')" \
        "dark_pixels labels_not_from_0"
    mkdir same
    works data convert "$(digits 40 20)" --output same
    cp same/train-images-idx3-ubyte same/t10k-images-idx3-ubyte
    cp same/train-labels-idx1-ubyte same/t10k-labels-idx1-ubyte
    works data check same
    out_has '40 of the 40 test images are training images as well'
    works train --model mlp --data same --epochs 1
    err_has 'warning: same: .*training images'
}

case_check_counts_pictures_that_are_left_out() {
    make_pets
    pgm pets/cat/b.pgm 5 '\001'
    pgm pets/dog/z.pgm 7 '\001'
    printf x >pets/dog/no.png
    works data check pets
    out_has '^pets: 2 pictures are not 6 x 6 as the others \(5 x 5: pets/cat/b.pgm, 7 x 7: pets/dog/z.pgm\): .*--resize'
    out_has '^pets: 1 picture left out, the first: pets/dog/no.png'
    equal "standard error" "$(cat "$scratch/err")" ""
    refuses 1 '; 2 of 10 pictures have another size' data info pets
    mkdir -p large/a large/b
    pgm large/a/1.pgm 40 '\001' && pgm large/b/1.pgm 40 '\002' && pgm large/b/2.pgm 41 '\003'
    works data check large --memory 1K --cache c
    out_has '1 picture is not 40 x 40 as the others'
    equal "the cache" "$(ls -A c)" ""
    works data check pets --resize 28x28
    works train --model mlp --data pets --resize 28x28 --epochs 1
    equal "warnings of the picture" "$(grep -c no.png "$scratch/err")" 1
    mkdir -p parts/train parts/test
    cp -r pets/cat pets/dog parts/train
    mkdir parts/test/cat && cp pets/cat/b.pgm parts/test/cat
    works data check parts
    out_has '3 pictures are not 6 x 6 as the others'
}

# Places that are no data set as they are.
case_folders_that_hold_something_else() {
    works data convert "$(digits 40 10)" --to npz --output digits.npz
    works data convert "$(digits 40 10)" --to idx --output idx
    mkdir holds flat pickles empty
    cp digits.npz holds
    refuses 1 '--data "holds/digits.npz"' data info holds
    pgm flat/1.pgm 6 '\001' && pgm flat/2.pgm 6 '\001'
    refuses 1 'flat: 2 pictures, but no folder for each class' data info flat
    printf '\200\004\225' >pickles/data_batch_1
    refuses 1 'data_batch_1 in it is a Python pickle' data info pickles
    refuses 1 'empty: an empty folder' data info empty
    make_pets
    mkdir -p two/a two/b && cp digits.npz two/a && printf 'label,a,b,c,d\n1,0,10,20,255\n0,100,2,3,4\n' >two/b/train.csv
    refuses 1 'two: a folder with 1 data set in it' data info two
    err_has '^--data "two/b"$'
    mkdir inner && mv pets inner
    refuses 1 '--data "inner/pets" takes the folders in it' data info inner
    mkdir -p outer/between && cp -r inner outer/between
    refuses 1 '--data "outer/between/inner/pets" takes the folders in it' data info outer
    mkdir mixed && cp -r inner/pets mixed/train && cp -r flat mixed
    refuses 1 'the folder train holds classes, but flat beside it is no part' data info mixed
    local file
    mkdir unpacked
    for file in idx/*; do # as some archives of MNIST unpack
        mkdir "unpacked/${file##*/}" && cp "$file" "unpacked/${file##*/}"
    done
    works data info unpacked --json
    out_has '"train":40,"test":10,'
}

# The archive's entries under other names: PYTHON writes them, so that no NumPy is needed.
case_npz_of_other_names() {
    works data convert "$(digits 40 10)" --to npz --output d.npz
    command -v python3 >/dev/null || skip "no python3 to rename arrays"
    local names
    for names in 'train_x train_y test_x test_y' 'training_images training_labels testing_images testing_labels' \
        'X_tr Y_tr X_te Y_te' 'trainX trainY testX testY' 'Train-Data Train-Target Test-Data Test-Target'; do
        python3 - $names <<'PY'
import sys, zipfile
old = zipfile.ZipFile('d.npz')
with zipfile.ZipFile('e.npz', 'w') as new:
    for name, to in zip(['x_train', 'y_train', 'x_test', 'y_test'], sys.argv[1:]):
        new.writestr(to + '.npy', old.read(name + '.npy'))
PY
        works data info e.npz --json
        out_has '"train":40,"test":10,'
    done
}

# Arrays as NumPy's users have them, written by Python without NumPy: Fortran order, texts as labels and class
# names, floats from -1 to 1, no names. Each means the images 0 10 20 255 of the class 1 and 100 2 3 4 of 0.
case_npz_of_other_layouts() {
    local name digest
    command -v python3 >/dev/null || skip "no python3 to write arrays"
    python3 -W ignore - <<'PY'
import struct, zipfile
def array(kind, shape, values, fortran=False):
    text = str({'descr': kind, 'fortran_order': fortran, 'shape': shape}) + '\n'
    return b'\x93NUMPY\x01\0' + struct.pack('<H', len(text)) + text.encode() + values
def save(name, **arrays):
    with zipfile.ZipFile(name, 'w', zipfile.ZIP_DEFLATED) as file:
        for key, data in arrays.items():
            file.writestr(key + '.npy', data)
pixels = [0, 10, 20, 255, 100, 2, 3, 4]
x = array('|u1', (2, 2, 2), bytes(pixels))
y = array('|u1', (2,), bytes([1, 0]))
first_fastest = [pixels[4 * i + 2 * j + k] for k in (0, 1) for j in (0, 1) for i in (0, 1)]
save('plain.npz', x=x, y=y)
save('fortran.npz', x=array('|u1', (2, 2, 2), bytes(first_fastest), True), y=y)
save('fortran-floats.npz', x=array('>f8', (2, 2, 2), struct.pack('>8d', *first_fastest), True),
     y=array('|b1', (2, 2), bytes([0, 1, 1, 0]), True))
save('signed.npz', x=array('<f4', (2, 2, 2), struct.pack('<8f', *[p / 127.5 - 1 for p in pixels])), y=y)
save('bare.npz', arr_0=x, arr_1=y)
save('texts.npz', x=x, y=array('<U2', (2,), '1\0' '0\0'.encode('utf-32-le')))
save('bytes.npz', x=x, y=array('|S1', (2, 1), b'10'))
x1, y1 = array('|u1', (1, 2, 2), bytes([9, 8, 7, 6])), array('|u1', (1,), bytes([0]))
save('loaded.npz', arr_0=x, arr_1=y, arr_2=x1, arr_3=y1)
save('split.npz', arr_0=x, arr_1=x1, arr_2=y, arr_3=y1)
save('equal.npz', arr_0=x, arr_1=x, arr_2=y, arr_3=y)
save('named.npz', x=x, y=array('>U4', (2,), 'chatКот\0'.encode('utf-32-be')))
save('classes.npz', x=x, y=y, class_names=array('<U3', (2,), 'einzwe'.encode('utf-32-le')))
save('mixed.npz', x_train=x, y_train=y, x_test=x, y_test=array('|S1', (2,), b'10'))
save('int8.npz', x=array('|i1', (2, 2, 2), bytes([128] * 8)), y=y)
save('rgba.npz', x=array('|u1', (2, 1, 1, 4), bytes(pixels)), y=y)
save('last.npz', x=array('|u1', (1, 2, 2000), bytes(4000)), y=y)
save('short.npz', x=array('|u1', (2, 2, 3), bytes(first_fastest), True), y=y)
with zipfile.ZipFile('twice.npz', 'w') as file:
    for key in ('arr_0.npy', 'arr_0.npy'):
        file.writestr(zipfile.ZipInfo(key), x)
save('objects.npz', x=x, y=array('|O', (2,), b'\x80\x04'))
PY
    works data info plain.npz --json
    digest=$(json_value sha256)
    for name in fortran fortran-floats signed bare texts bytes; do
        works data info $name.npz --json
        equal "$name.npz" "$(json_value sha256)" "$digest"
    done
    works data info loaded.npz --json
    out_has '"train":2,"test":1,'
    digest=$(json_value sha256)
    works data info split.npz --json
    equal split.npz "$(json_value sha256)" "$digest"
    works data info named.npz --json
    out_has '"label":"chat","train":1.*"label":"Кот","train":1'
    works data info classes.npz --json
    out_has '"label":"ein","train":1.*"label":"zwe","train":1'
    refuses 1 'found arr_0.npy, arr_1.npy' data info equal.npz
    err_has '^Name them: '
    refuses 1 'y_test: labels as texts, those of another part as numbers' data info mixed.npz
    refuses 1 'found the pixel -128, expected one from 0 to 255' data info int8.npz
    refuses 1 'images of 4 channels, expected 1 or 3' data info rgba.npz
    refuses 1 'an array of 1 x 2 x 2000, expected [n][height][width]' data info last.npz
    refuses 1 'its shape needs 12 values' data info short.npz
    refuses 1 'Python objects' data info objects.npz
    refuses 1 'found arr_0.npy, arr_0.npy' data info twice.npz
}

case_pictures_without_a_class_are_counted() {
    make_pets
    mkdir split split/train split/test
    cp -r pets/* split/train
    cp pets/cat/c1.pgm split/test/one.pgm
    works data info split --json
    out_has '"train":8,"test":0,'
    err_has 'split: 1 picture left out'
    err_has 'split/test/one.pgm: not in the folder of a class'
    cp pets/cat/c1.pgm pets/loose.pgm
    works data info pets --json
    err_has 'pets/loose.pgm: not in the folder of a class'
    refuses 1 'pets/loose.pgm: not in the folder of a class' data info pets --strict
}

case_augmented_training_is_the_same_on_any_number_of_threads() {
    local weights
    set -- train --model lenet5 --data "$(digits 200 20)" --epochs 2 --augment random_translation \
        --augment random_rotation --augment random_elastic --json
    works "$@" --threads 1
    weights=$(json_value weights_sha256)
    works "$@" --threads 3
    equal weights "$(json_value weights_sha256)" "$weights"
    grep -aq '"augmentations' model.safetensors || fail "the model does not record its augmentations"
    works train --model lenet5 --data "$(digits 200 20)" --epochs 2 --json
    [ "$(json_value weights_sha256)" != "$weights" ] || fail "--augment changes nothing"
    refuses 2 'random_turn' train --augment random_turn
}

case_mixed_training_is_the_same_on_any_number_of_threads() {
    local kind weights
    for kind in mixup:alpha=0.5 cutmix; do
        set -- train --model lenet5 --data "$(digits 200 20)" --epochs 2 --augment random_translation \
            --augment $kind --json
        works "$@" --threads 1
        weights=$(json_value weights_sha256)
        works "$@" --threads 3
        equal "$kind" "$(json_value weights_sha256)" "$weights"
    done
    works train --model mlp --data "$(digits 1000 200)" --epochs 5 --augment mixup --json
    below 0.8 "$(grep -o '"accuracy":[0-9.]*' "$scratch/out" | tail -n 1 | cut -d: -f2)" ||
        fail "it learns nothing"
}

# mixed_model LAYER [BEFORE]: mlp.json with a layer after its input, and one before that.
mixed_model() {
    sed "0,/\"class_name\": \"Flatten\"/s//\"class_name\": \"$1\",\"config\":{\"name\":\"mixing\"${2:+,$2}}},{\"class_name\": \"Flatten\"/" \
        "$tests/../models/mlp.json"
}

# A layer of the model and --augment are one implementation: the same weights.
case_a_mixing_layer_trains_as_augment_does() {
    local row class settings spec weights
    for row in 'MixUp|"alpha":0.5|mixup:alpha=0.5' 'CutMix||cutmix' 'CutMix|"factor":[0.2,0.9]|cutmix:factor=[0.2;0.9]'; do
        IFS='|' read -r class settings spec <<<"$row"
        set -- train --data "$(digits 200 20)" --epochs 2 --json
        mixed_model Reshape '"target_shape":[28,28,1]' >plain.json # weights are drawn by a layer's number
        works "$@" --model plain.json --augment "$spec"
        weights=$(json_value weights_sha256)
        mixed_model "$class" "$settings" >mixing.json
        works "$@" --model mixing.json
        equal "$class" "$(json_value weights_sha256)" "$weights"
        works evaluate model.safetensors --data "$(digits 200 20)" --json
        refuses 2 'mixes after' train --model mixing.json --data "$(digits 200 20)" --augment mixup
    done
    sed 's/"class_name": "Flatten"/"class_name":"MixUp","config":{"name":"m"}},{&/' "$tests/../models/lenet5.json" >late.json
    refuses 1 'before' train --model late.json --data "$(digits 200 20)"
}

# lenet5 has ten outputs; data of twelve classes, or of three, get as many. An architecture of one's own stays.
case_other_numbers_of_classes() {
    local class i
    for class in a b c d e f g h i j k l; do
        mkdir -p twelve/$class
        for i in 1 2 3 4; do
            { printf 'P5 28 28 255\n' && head -c 784 /dev/urandom; } >twelve/$class/$i.pgm
        done
    done
    mkdir three
    cp -r twelve/[abc] three
    works train --quiet --data twelve --epochs 1 --json --output twelve.safetensors
    fits_schema train
    works evaluate twelve.safetensors --data twelve --json
    equal classes "$(grep -o '"precision"' "$scratch/out" | wc -l)" 12
    works train --quiet --data three --model mlp --epochs 1
    works info model.safetensors
    out_has '3'
    works compare --quiet --data twelve --model mlp --optimizer sgd --epochs 1 --seeds 1 --cost-repeats 0 --report report
    works find-rate --quiet --data twelve --model mlp --optimizer sgd --seeds 1 --report rates
    works scale --quiet --data twelve --model mlp --threads 1 --batch-size 16 --steps 2 --repeats 1 --report scaling
    works info mlp --json
    works train --quiet --data three --model "$tests/../models/mlp.json" --epochs 1 --output own.safetensors
    refuses 1 '12 classes, but the model mlp has 10 outputs' train --data twelve --model "$tests/../models/mlp.json"
}

run_cases "$@"
