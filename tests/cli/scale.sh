#!/usr/bin/env bash
# convoy scale: the report in all its forms. The figures of so short runs mean nothing; how they are
# worked out is tested in tests/unit/report.
. "$(dirname "$0")/harness.sh"

# scale ARGUMENTS...: a report in the folder "report".
scale() {
    works scale --data "$(digits 300 1)" --batch-size 32 --steps 2 --warm-up 1 --repeats 1 \
        --report report --overwrite --quiet "$@"
}

# The names of all members of the JSON in a file, in order, in one line.
keys_of() {
    grep -oE '"[^"]*":' "$1" | tr -d '":' | paste -sd ' '
}

case_any_number_of_workers_learns_the_same() {
    local model models="lenet5 fast mnist-cnn cnn-bn mlp" threads=1,2,3,5,8
    ! has_sanitizer || models="fast cnn-bn" threads=1,2,5
    for model in $models; do
        scale --model $model --threads $threads
        out_has '^weights     Every point learned the same weights, to the last bit$'
        equal "digests of $model" "$(cut -d, -f 28 report/scaling.csv | sort -u | wc -l)" 2
    done
}

case_strong() {
    scale --model mlp --threads 3,1,2
    out_has '^strong scaling of mlp on digits, batches of 32: 1 repeat of 2 updates$'
    out_has '^threads +images/s +± +speedup +efficiency +Karp-Flatt +GFLOP/s +of peak +ms/step +waiting$'
    out_has '^ms/step +data +forward +backward +reduce +update +wait$'
    out_has '^exchange    [0-9.]+ ns to take a cache line back from the farthest of 3 threads \([0-9.]+ to [0-9.]+ in the repeats\)$'
    out_has '^Amdahl +serial fraction '
    out_has '^ +of an INVALID run, so these laws describe nothing but this run$'
    out_has '^verdict     INVALID$'
    out_has '^ +too few repeats: 1, expected at least 10$'
    out_has '^report      report/report.html$'
    err_is_empty
    equal header "$(head -n 1 report/scaling.csv)" "threads,batch_size,images_per_second,min,max,mad,\
low,high,speedup,speedup_low,speedup_high,efficiency,karp_flatt,gustafson,gflops,fma_peak_gflops,\
fraction_of_peak,triad_gigabytes_per_second,fraction_of_bandwidth,exchange_ns,step_ms,data_ms,forward_ms,\
backward_ms,reduce_ms,update_ms,wait_ms,weights_sha256,flops_per_byte,step_p50_ms,step_p95_ms,step_p99_ms,\
step_max_ms,ratio_to_previous,p_to_previous"
    equal "threads and batches" "$(tail -n +2 report/scaling.csv | cut -d, -f 1,2 | paste -sd ' ')" \
        "1,32 2,32 3,32"
    equal repeats "$(wc -l <report/repeats.csv)" 4
}

# Every round measures each number of threads once, and not always in the same order.
case_repeats_take_turns_in_random_order() {
    local rounds
    scale --model mlp --threads 1,2,3 --repeats 6 --steps 2
    rounds=$(tail -n +2 report/repeats.csv | sort -t, -k3n | awk -F, '
        int((NR - 1) / 3) + 1 != $2 || $3 != NR { print "turn " NR " is in round " $2 }
        { order = order $1 } NR % 3 == 0 { print order; order = "" }')
    equal "a round's threads" "$(grep -o . <<<"$rounds" | sort | uniq -c | awk '{ print $1, $2 }' |
        paste -sd ' ')" "6 1 6 2 6 3"
    equal "numbers in a round" "$(grep -cE '^[123]{3}$' <<<"$rounds")" 6
    [ "$(sort -u <<<"$rounds" | wc -l)" -gt 1 ] || fail "all rounds are in one order: $rounds"
}

case_weak() {
    scale --model mlp --threads 1,2,3 --mode weak --batch-size 20 --repeats 2
    out_has '^weak scaling of mlp on digits, batches of 20 a thread: '
    out_has '^Gustafson +serial fraction '
    out_has '^weights     Every point learned the weights of one thread with the same batch, to the last bit$'
    equal "threads and batches" "$(tail -n +2 report/scaling.csv | cut -d, -f 1,2 | paste -sd ' ')" \
        "1,20 2,40 3,60"
    equal "each batch learns otherwise" "$(cut -d, -f 28 report/scaling.csv | sort -u | wc -l)" 4
    equal repeats "$(wc -l <report/repeats.csv)" 7
}

# A target that any measurement reaches ends the repeats at ten.
case_repeats_until_it_is_precise() {
    works scale --data "$(digits 300 1)" --model mlp --batch-size 32 --steps 2 --warm-up 1 --repeats 12 \
        --precision-target 0.99 --threads 1 --quiet --report precise
    grep -qE '"repeats": 1[0-2]' precise/summary.json || fail "other repeats than 10 to 12"
    refuses 2 'precision-target' scale --precision-target 1
}

case_binding_and_a_single_point() {
    scale --model mlp --threads 1 --bind cores
    ! grep -qE '^(Amdahl|USL)' "$scratch/out" || fail "expected no law of one point"
    scale --model mlp --threads 2 --bind sockets
    ! grep -qE '^(Amdahl|USL)' "$scratch/out" || fail "expected no law of two points"
    out_has '^laws +not fitted: they need three numbers of threads$'
    equal "one thread is always there" "$(tail -n +2 report/scaling.csv | cut -d, -f 1 | paste -sd ' ')" \
        "1 2"
}

case_json() {
    scale --model mlp --threads 1,2 --json
    local point="threads batch_size images_per_second median min max mad low high repeats speedup \
speedup_interval efficiency karp_flatt gustafson gflops fma_peak_gflops fraction_of_peak \
bytes_per_step triad_bytes_per_second fraction_of_bandwidth step_seconds phases data forward backward \
reduce update wait wait_share exchange_ns"
    local bits="weights_sha256 same_bits workers places"
    local place="worker cpu core socket numa_node"
    local steps="moves steps count p50 p95 p99 max against_previous" last="flops_per_byte"
    local rest="fits amdahl gustafson usl amdahl_serial_fraction valid same_bits \
verdict reasons load_elsewhere seconds triad_array_bytes ranks command_line"
    local work="work unit asked_model asked_data model parameters data train mode optimizer batch_size repeats warm_up_steps \
steps bind seed training_flops"
    json_keys >keys
    grep -q "^command version machine build " keys || fail "expected command, version, machine"
    grep -qF "$work base threads images_per_second points $point $bits $place $steps $last $point median min max $bits $place $place \
$steps threads ratio p $last $rest pictures report" keys || fail "other keys: $(cat keys)"
    grep -qF "$work base threads images_per_second points $point $bits $place $steps $last $point median min max $bits $place $place \
$steps threads ratio p $last $rest" <(keys_of report/summary.json) || fail "other keys in summary.json"
    out_has '"same_bits":true,"verdict":"INVALID","reasons":\["too few repeats'
}

case_json_fits_its_schema() {
    scale --model mlp --threads 1,2,3 --repeats 6
    fits_schema scale report/summary.json
    fits_schema machine report/summary.json machine
    scale --model mlp --threads 1,2 --mode weak --batch-size 20
    fits_schema scale report/summary.json
    scale --model mlp --threads 1 --json
    fits_schema scale
    sed -e 's/"verdict":"INVALID"/"verdict":"FINE"/' "$scratch/out" >other.json
    ! "$CONVOY_CHECK_JSON" "$tests/cli/scale.schema.json" other.json 2>error || fail "took another verdict"
    grep -q '^other.json: /verdict: none of the values of enum$' error || fail "$(cat error)"
}

# Figures in other formats are drawn beside SVG, and what an older report left is removed.
case_figures_in_other_formats() {
    command -v gnuplot >/dev/null || skip "no gnuplot"
    scale --model mlp --threads 1,2 --figures pdf,png
    local name
    for name in speedup roofline step-times; do
        equal "$name.pdf" "$(head -c 5 report/$name.pdf)" "%PDF-"
        equal "$name.png" "$(head -c 4 report/$name.png | tail -c 3)" PNG
        grep -q '</svg>' report/$name.svg || fail "$name.svg is not whole"
    done
    (cd report && rm roofline.pdf && gnuplot -e "format='pdf'" roofline.gp) || fail "the script draws no PDF"
    [ -s report/roofline.pdf ] || fail "the script draws no PDF"
    scale --model mlp --threads 1
    ! ls report/*.pdf report/*.png 2>/dev/null || fail "older pictures remain"
    refuses 2 'figures: found "gif", expected svg, pdf or png' scale --figures gif
}

# The summary for a README and the tables for LaTeX hold what the page does; the command line is kept.
case_summary_and_tables() {
    scale --model mlp --threads 1,2
    grep -q '^Strong scaling of mlp on digits, batches of 32: INVALID\.' report/summary.md || fail "$(cat report/summary.md)"
    grep -q 'left out, as this run is INVALID' report/summary.md || fail "a serial fraction of an INVALID run"
    grep -q 'not judged' report/report.html || fail "a point of an INVALID run is judged"
    equal "rows in Markdown" "$(grep -c '^| [12] |' report/summary.md)" 4
    equal "tables in LaTeX" "$(grep -c 'begin{tabular}' report/tables.tex)" 4
    grep -qF '"command_line": "convoy scale --threads 1,2 --model mlp' report/summary.json || fail "no command line"
    equal "steps in the histogram" "$(awk -F, '$1 == 2 { n += $4 } END { print n }' report/step-times.csv)" 2
}

# OpenMP's own threads spin for a while before they sleep; that is not OpenBLAS's doing.
case_spinning_threads_are_not_blamed_on_openblas() {
    run env -u OMP_WAIT_POLICY CONVOY_GEMM=openblas "$convoy" scale --data "$(digits 300 1)" --model mlp --steps 2 \
        --repeats 1 --threads 1,2 --report report --json
    [ "$status" -eq 0 ] || skip "no OpenBLAS installed"
    ! grep -q 'OpenBLAS ignores' "$scratch/out" || fail "blamed"
}

# The page holds all it needs: nothing in it names a place in the network.
case_page() {
    scale --model mlp --threads 1,2
    equal begin "$(head -n 1 report/report.html)" '<!DOCTYPE html>'
    equal end "$(tail -n 1 report/report.html)" '</html>'
    ! grep -oE '(https?:)?//[a-z]+\.[^" <]*' report/report.html || fail "names a place in the network"
    local words
    for words in 'Strong scaling of mlp' INVALID 'too few repeats' 'Milliseconds of a step' \
        'Where the threads ran' Environment; do
        grep -qF "$words" report/report.html || fail "the page lacks: $words"
    done
}

case_without_gnuplot() {
    mkdir empty
    PATH=$PWD/empty run "$convoy" scale --model mlp --data "$(digits 300 1)" --steps 2 --repeats 1 \
        --threads 1 --report report
    equal status "$status" 0
    out_has '^pictures    none: gnuplot is not installed here; the scripts are in the folder$'
    grep -q 'No pictures: gnuplot is not installed here' report/report.html || fail "the page does not say so"
    equal files "$(ls report | paste -sd ' ')" "efficiency.gp phases.gp repeats.csv repeats.gp \
report.html roofline.gp scaling.csv speedup.gp step-times.csv step-times.gp summary.json summary.md tables.tex"
}

case_refuses_a_folder_that_holds_something_else() {
    mkdir other
    touch other/report.html
    refuses 2 'other holds something else' scale --report other
    equal files "$(ls -A other)" report.html
    echo '{"command": "compare"}' >other/summary.json
    refuses 2 'other/summary.json is not what convoy scale has written' scale --report other
    scale --threads 1
    scale --threads 1
}

case_a_report_is_not_replaced_by_a_lesser_one() {
    local c=(scale --model mlp --data "$(digits 300 1)" --threads 1 --steps 2 --report report)
    works "${c[@]}" --repeats 2
    refuses 2 'holds a report of 2 repeats, more than 1; expected another folder or --overwrite' "${c[@]}" --repeats 1
    refuses 2 'holds a report with another batch_size' "${c[@]}" --repeats 2 --batch-size 16
    refuses 2 'holds a report with another optimizer' "${c[@]}" --repeats 2 --optimizer sgd
    refuses 2 'holds a report with another list of threads' "${c[@]}" --repeats 2 --threads 1,2
    refuses 2 'holds a report with another bind' "${c[@]}" --repeats 2 --bind cores
    works "${c[@]}" --repeats 1 --overwrite
    works "${c[@]}" --repeats 2
}

case_help_has_one_threads_option() {
    works scale --help
    equal options "$(grep -c '^  --threads' "$scratch/out")" 1
    out_has '^  --threads LIST '
}

run_cases "$@"
