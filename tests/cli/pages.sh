#!/usr/bin/env bash
# The pages and pictures of convoy compare and convoy scale: in a browser, on a telephone, without
# gnuplot, and drawn again by hand.
. "$(dirname "$0")/harness.sh"

compare() {
    works compare --data "$(digits 300 20)" --model mlp --epochs 2 --seeds 2 --quiet \
        --optimizer sgd --optimizer adam --report report "$@"
}

scale() {
    works scale --overwrite --data "$(digits 300 1)" --model mlp --batch-size 32 --steps 2 --warm-up 1 \
        --repeats 6 --threads 1,2,3 --quiet --report report "$@"
}

need_gnuplot() {
    command -v gnuplot >/dev/null || skip "no gnuplot here"
}

# --- the browser ---

# browse ADDRESS: what the page became is in the file dom, what the browser said in the file log, and
# in the file net what it asked of the network, of which there is none.
browse() {
    local options=(--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run
        --user-data-dir="$scratch/browser" --host-resolver-rules='MAP * ~NOTFOUND'
        --allow-file-access-from-files --log-net-log="$scratch/net" --enable-logging=stderr --v=0
        --virtual-time-budget=5000 --dump-dom)
    timeout 1000 "$browser" "${options[@]}" "$1" >"$scratch/dom" 2>"$scratch/log"
}

need_browser() {
    need_gnuplot
    browser=$(command -v chromium || command -v chromium-browser) || skip "no chromium here"
    browse 'data:text/html,<p>begun</p>'
    grep -q '<p>begun</p>' "$scratch/dom" || skip "chromium does not start here"
}

# What is wrong with report/report.html, a line each, as a browser 1280 and 400 pixels wide sees it:
# pictures in the folder that the page lacks or that have no size, a page wider than the window,
# errors on the console, requests to anywhere.
complaints() {
    cat >frame.html <<'END'
<!DOCTYPE html>
<body>
<iframe width="1280" height="800" src="report/report.html"></iframe>
<iframe width="400" height="800" src="report/report.html"></iframe>
<pre></pre>
<script>
onload = () => {
    const say = words => document.querySelector("pre").append(words + "\n");
    for (const frame of document.querySelectorAll("iframe")) {
        const page = frame.contentDocument, root = page.documentElement;
        say("seen: " + page.querySelector("h1").textContent);
        if (root.scrollWidth > root.clientWidth)
            say("too wide: " + root.scrollWidth + " of " + root.clientWidth);
        for (const figure of page.querySelectorAll("figure")) {
            const box = figure.querySelector("svg").getBoundingClientRect();
            if (box.width > 100 && box.height > 50)
                say("figure: " + figure.id);
        }
        for (const entry of frame.contentWindow.performance.getEntriesByType("resource"))
            say("asked for: " + entry.name);
    }
};
</script>
END
    browse "file://$PWD/frame.html"
    equal "windows" "$(grep -c '^\(<pre>\)\?seen: ' "$scratch/dom")" 2
    sed -n 's/^\(<pre>\)\?\(too wide\|asked for\): /\2: /p' "$scratch/dom"
    local picture
    for picture in report/*.svg; do
        picture=$(basename "$picture" .svg)
        [ "$(grep -c "^figure: $picture\$" "$scratch/dom")" -eq 2 ] || echo "no figure: $picture"
    done
    sed -n 's/.*:CONSOLE[^]]*] */console: /p' "$scratch/log"
    grep '"initiator":"file:' "$scratch/net" | grep -o '"url":"[^"]*"' | sort -u
}

case_compare_in_a_browser() {
    need_browser
    compare --learning-rate 0.01 --learning-rate 0.1 --target val_accuracy=0.2
    [ "$(ls report/*.svg | wc -l)" -ge 10 ] || fail "pictures: $(ls report)"
    equal "complaints" "$(complaints)" ""
}

case_tuned_compare_in_a_browser() {
    need_browser
    compare --tune learning_rate=0.0001..1000:4
    [ -e report/sensitivity.svg ] && [ -e report/budget.svg ] || fail "pictures: $(ls report)"
    equal "complaints" "$(complaints)" ""
}

case_several_workloads_in_a_browser() {
    need_browser
    compare --model fast --target loss=3
    equal "complaints" "$(complaints)" ""
    local workload
    for workload in 1 2; do
        equal "figures of workload $workload" "$(grep -c "^figure: w$workload-" "$scratch/dom")" \
            $((2 * $(ls report/mlp-on-digits/*.svg | wc -l)))
    done
}

case_scale_in_a_browser() {
    need_browser
    scale
    equal "pictures" "$(ls report/*.svg | wc -l)" 6
    equal "complaints" "$(complaints)" ""
    scale --mode weak
    equal "complaints" "$(complaints)" ""
}

# What the cases above look for is found where it is: the page is changed by each expression.
case_the_browser_finds_what_is_wrong() {
    need_browser
    scale
    sed -i '/Content-Security-Policy/d' report/report.html
    local planted words
    for planted in 's,<h1>,<script>console.error("planted")</script><h1>,' \
        's,<h1>,<script>missing()</script><h1>,' \
        's,<h1>,<img src="http://planted.example/a.png"><h1>,' \
        's,<h1>,<style>@import "http://planted.example/a.css";</style><h1>,' \
        's,<figure id="speedup",<figure id="other",' \
        's,<figure id="phases",& style="display:none",' \
        's,<h1>,<p style="width:500px">wide</p><h1>,'; do
        cp report/report.html before.html
        sed -i "$planted" report/report.html
        ! cmp -s before.html report/report.html || fail "nothing planted by: $planted"
    done
    complaints >found
    for words in '^console: .*planted' '^console: .*missing is not defined' \
        '^"url":"http://planted.example/a.png' '^"url":"http://planted.example/a.css' \
        '^no figure: speedup$' '^no figure: phases$' '^too wide: '; do
        grep -q -- "$words" found || fail "not found: $words" "found: $(cat found)"
    done
    equal "figures missed" "$(grep -c '^no figure' found)" 2
}

# --- pictures ---

# gnuplot remembers the pen of the picture before, and begins with it an empty group.
first_pen() {
    sed -i 's/"rgb(  0,   0,   0)"/"currentColor"/' "$1"
}

# Every script draws by hand the very picture that is there already. (gnuplot 5.4 warns that it has no
# degree sign in the locale C.)
draws_again() {
    local script picture count=0
    for script in report/*.gp; do
        picture=${script%.gp}.svg
        grep -q '</svg>' "$picture" || fail "$picture is not whole"
        mv "$picture" before.svg
        run env -C report gnuplot "$(basename "$script")"
        [ "$status" -eq 0 ] && ! grep -v 'iconv failed' "$scratch/err" | grep -q . || fail "$script does not run"
        first_pen before.svg
        first_pen "$picture"
        same_files before.svg "$picture"
        count=$((count + 1))
    done
    [ "$count" -ge "$1" ] || fail "$count scripts, expected $1 at least"
}

case_pictures_of_compare_can_be_drawn_again() {
    need_gnuplot
    compare --tune learning_rate=0.001..1000:4 --grid 'clipnorm=1;10' --target loss=2
    draws_again 13
}

case_pictures_of_scale_can_be_drawn_again() {
    need_gnuplot
    scale
    draws_again 4
}

case_a_figure_for_each_setting() {
    need_gnuplot
    compare --learning-rate 0.01 --learning-rate 1000000 --grid 'momentum=0;0.9' --grid 'nesterov=true;false'
    equal figures "$(ls report/setting-*.svg | paste -sd ' ')" \
        "report/setting-learning_rate.svg report/setting-momentum.svg report/setting-nesterov.svg"
    grep -q '^"sgd momentum=0.9 nesterov=true",0.01,0\.[0-9]*,0,' report/setting-learning_rate.csv ||
        fail "$(cat report/setting-learning_rate.csv)"
    grep -q '^"sgd momentum=0.9 nesterov=true",1000000,,2,,,"1000000",2$' \
        report/setting-learning_rate.csv || fail "a diverged one: $(cat report/setting-learning_rate.csv)"
    grep -q "'true' 0, 'false' 1" report/setting-nesterov.gp || fail "words on the axis"
    compare --optimizer rmsprop --report other
    ! ls other/setting-* 2>/dev/null || fail "nothing was varied"
}

case_compare_without_gnuplot() {
    mkdir empty
    PATH=$PWD/empty run "$convoy" compare --data "$(digits 300 20)" --model mlp --epochs 2 --seeds 2 \
        --quiet --optimizer sgd --optimizer adam --report report
    equal status "$status" 0
    err_is_empty
    grep -q 'gnuplot is not installed here' report/report.html || fail "the page does not say so"
    ! ls report/*.svg 2>/dev/null || fail "pictures without gnuplot"
    local file
    for file in finals.gp finals.csv val_loss-steps.gp bands.csv summary.json curves.csv tables.tex; do
        [ -s "report/$file" ] || fail "no $file"
    done
}

run_cases "$@"
