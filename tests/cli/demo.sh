#!/usr/bin/env bash
# convoy demo optimizers: its files, and its page in a browser.
. "$(dirname "$0")/harness.sh"

case_writes_page_pictures_and_points() {
    works demo optimizers
    out_has 'A ravine'
    for file in report.html summary.json paths.csv ravine.svg beale.svg saddle.svg two-valleys.svg \
        learning-rates.svg; do
        [ -s "convoy-demo/$file" ] || fail "no $file"
    done
    equal header "$(head -n 1 convoy-demo/paths.csv)" "function,run,optimizer,update,x,y,value"
    grep -q '^"ravine","adam","adam:learning_rate=0.25",120,' convoy-demo/paths.csv || fail "no end of adam"
    [ "$(wc -c <convoy-demo/report.html)" -lt 1000000 ] || fail "a page of a megabyte"
    if grep -nE '(src|href)="?https?:' convoy-demo/report.html; then fail "the page needs the network"; fi
    if command -v xmllint >/dev/null; then
        for file in convoy-demo/*.svg; do run xmllint --noout "$file"; equal status "$status" 0; done
    fi
}

case_figures_in_other_formats() {
    command -v gnuplot >/dev/null || skip "no gnuplot here"
    works demo optimizers --figures png,pdf --quiet
    for name in ravine beale saddle two-valleys learning-rates; do
        for ending in svg gp pdf png; do
            [ -s "convoy-demo/$name.$ending" ] || fail "no $name.$ending"
        done
    done
    (cd convoy-demo && rm ravine.png && gnuplot -e "format='png'" ravine.gp) || fail "the script does not run"
    [ -s convoy-demo/ravine.png ] || fail "the script draws nothing"
    works demo optimizers --quiet # without them: none of an earlier page stays
    ! ls convoy-demo/*.pdf convoy-demo/*.png 2>/dev/null || fail "old pictures"
    refuses 2 "expected svg, pdf or png" demo optimizers --figures jpg
}

case_json_is_one_object() {
    works demo optimizers --json --report page
    grep -q '^{"command": *"demo"' "$scratch/out" || fail "no JSON"
    grep -q '"end": *"in the local minimum"' "$scratch/out" || fail "nobody in the local minimum"
}

case_other_folders_and_words_are_refused() {
    refuses 2 'expected optimizers' demo layers
    mkdir mine && touch mine/thesis
    refuses 2 'holds something else' demo optimizers --report mine
}

# The script runs in a browser without an error, and the paths move.
case_is_animated() {
    local browser
    browser=$(command -v chromium || command -v chromium-browser) || skip "no chromium here"
    works demo optimizers --report page
    # A busy machine may show the page before its first frame is drawn, so it is looked at up to five times.
    for _ in 1 2 3 4 5; do
        timeout 300 "$browser" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
            --user-data-dir="$scratch/browser" --host-resolver-rules='MAP * ~NOTFOUND' \
            --enable-logging=stderr --v=0 --virtual-time-budget=60000 --dump-dom \
            "file://$PWD/page/report.html" >dom 2>log || skip "chromium does not start here"
        [ -s dom ] || skip "chromium does not start here"
        if grep -E 'CONSOLE|Uncaught|Refused' log; then fail "the browser complains: $(grep CONSOLE log)"; fi
        ! grep -qE 'update [1-9]' dom || break
    done
    grep -qE 'update [1-9]' dom || fail "nothing moves"
    grep -q '<div id="controls">' dom || fail "no controls"
}

run_cases
