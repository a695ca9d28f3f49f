#!/usr/bin/env bash
# convoy compare: what it writes, that jobs and threads change nothing, that it goes on after a kill,
# and experiments whose outcome is known.
. "$(dirname "$0")/harness.sh"

small=(--data "$(digits 600 100)" --model mlp --epochs 2 --seeds 2 --cost-repeats 0 --quiet)

# The curves but for the seconds.
curves() {
    sed -E 's/,(finished|diverged),([0-9]+),([0-9]+),[0-9.e-]+,/,\1,\2,\3,-,/' "$1/curves.csv"
}

# The files of the trials of tuning.
trials() {
    grep -l '"is_trial": true' $1/runs/*.json
}

# The digests of all weights, in the order of the runs' names.
weights() {
    grep -ho '"weights_sha256": "[0-9a-f]*"' "$1"/runs/*.json
}

# summary.json but for the machine's part and for what has seconds in its name, which may be an object.
summary() {
    awk '
        skipping { if (substr($0, 1, length(indent) + 1) == indent "}") skipping = 0; next }
        /^ *"(environment|[a-z_]*seconds[a-z_]*)":/ {
            if (/\{$/) { indent = $0; sub(/".*/, "", indent); skipping = 1 }
            next
        }
        { print }' "$1/summary.json"
}

same_reports() {
    [ "$(summary "$1" | wc -l)" -gt 20 ] || fail "summary of $1: $(summary "$1")"
    [ "$(curves "$1" | wc -l)" -gt 4 ] || fail "curves of $1: $(curves "$1")"
    [ "$(weights "$1" | wc -l)" -gt 1 ] || fail "weights of $1: $(weights "$1")"
    equal "summary of $2" "$(summary "$2")" "$(summary "$1")"
    equal "curves of $2" "$(curves "$2")" "$(curves "$1")"
    equal "weights of $2" "$(weights "$2")" "$(weights "$1")"
}

case_writes_what_it_should() {
    works compare "${small[@]}" --report report
    err_is_empty
    for file in study.json curves.csv report.html summary.json summary.md tables.tex measurements.csv; do
        [ -s "report/$file" ] || fail "no $file"
    done
    equal header "$(head -n 1 report/curves.csv)" \
        "configuration,role,optimizer,learning_rate_spec,seed,state,step,epoch,train_seconds,learning_rate,\
loss,accuracy,val_loss,val_accuracy"
    grep -q '^"sgd",compared,.*,0,finished,9,1,' report/curves.csv || fail "no first epoch of sgd"
    grep -q '^"adam",compared,.*,1,finished,18,2,' report/curves.csv || fail "no last epoch of adam"
    grep -q '"command": "convoy compare --data digits:train=600,test=100 --model mlp ' \
        report/study.json || fail "no command line"
}

# What happens inside is recorded without changing a bit, and every value has a row.
case_records_what_happens_inside() {
    works compare "${small[@]}" --report with
    works compare "${small[@]}" --record=false --report without
    equal weights "$(weights with)" "$(weights without)"
    for quantity in gradient_norm cosine effective_rate_median update_ratio noise_scale val_accuracy; do
        grep -q "^\"mlp on digits\",\"adam\",compared,0,[0-9]*,$quantity," with/measurements.csv ||
            fail "no $quantity of adam"
    done
    ! grep -q ',cosine,' without/measurements.csv || fail "recorded what was not wanted"
    works compare "${small[@]}" --report with
    grep -q ',cosine,' with/measurements.csv || fail "runs that were kept have lost their records"
}

# The paths of all configurations start at one point, and the losses on the plane do not depend on threads.
case_draws_the_loss_surface() {
    local threads two=(--data "$(digits 200 50)" --model mlp --epochs 2 --seeds 1 --cost-repeats 0 --quiet
        --optimizer sgd --optimizer adam) counts="1 3"
    ! has_sanitizer || counts=1
    for threads in $counts; do
        works compare "${two[@]}" --surface --threads $threads --figures svg,pdf,png \
            --report surface$threads
        [ -s surface$threads/surface.svg ] || fail "no picture"
        if command -v gnuplot >/dev/null; then
            for figure in surface$threads/*.gp; do
                [ -s "${figure%.gp}.svg" ] || fail "no SVG of $figure"
                [ -s "${figure%.gp}.pdf" ] || fail "no PDF of $figure"
                [ -s "${figure%.gp}.png" ] || fail "no PNG of $figure"
            done
            [ -s surface$threads/surface.gp ] || fail "no script of the surface"
        fi
    done
    has_sanitizer || equal "surface of 3 threads" "$(cat surface3/surface.csv)" "$(cat surface1/surface.csv)"
    equal starts "$(grep '^path,"[a-z]*",0,' surface1/surface.csv | cut -d , -f 4- | sort -u | wc -l)" 1
    equal ends "$(grep -c '^path,"[a-z]*",6,' surface1/surface.csv)" 2
    grep -q '"share_of_variance"' surface1/summary.json || fail "no share of the variance"
    works compare "${two[@]}" --report surface1
    [ ! -e surface1/surface.svg ] && [ ! -e surface1/surface.pdf ] || fail "a surface that was not asked for"
    ! ls surface1/*.pdf surface1/*.png 2>/dev/null || fail "formats that were not asked for"
}

# Stochastic, minibatch and full-batch gradient descent: as many epochs, other numbers of updates.
case_compares_batch_sizes() {
    works compare "${small[@]}" --optimizer sgd --grid 'batch_size=8;full' --report batches
    grep -q '^"sgd batch_size=8",compared,.*,0,finished,136,2,' batches/curves.csv || fail "not 136 updates"
    grep -q '^"sgd batch_size=full",compared,.*,0,finished,2,2,' batches/curves.csv || fail "not 2 updates"
    if command -v gnuplot >/dev/null; then
        for by in epochs updates seconds; do
            [ -s batches/batch-size-$by.svg ] || fail "no picture by $by"
        done
    fi
    for size in 8 full; do # the noise is measured with batches of one size, so that it is known for a full batch too
        grep -q "^\"sgd batch_size=$size\",[0-9]*,[0-9]" batches/noise-scale.csv || fail "no noise of batch size $size"
    done
    works compare "${small[@]}" --optimizer sgd --batch-size 8 --report eight
    equal "the weights of batches of 8" "$(weights eight)" "$(grep -ho '"weights_sha256": "[0-9a-f]*"' \
        batches/runs/sgd-batch_size-8-*.json)"
    refuses 2 'batch_size: found "0"' compare "${small[@]}" --optimizer sgd --grid 'batch_size=0;8'
    refuses 2 'batch size' compare "${small[@]}" --schedules --grid 'batch_size=8;16'
}

case_tells_how_it_comes_along() {
    works compare "${small[@]}" --quiet=false --optimizer sgd --jobs 1
    out_has '^mlp on digits: 1 configuration, 2 seeds, 2 runs of 18 updates, 1 at a time$'
    err_has '^run 1/2  sgd, seed 0  loss [0-9.]+  val_accuracy [0-9.]+%  [0-9.]+ m?s  ETA '
    err_has '^run 2/2  sgd, seed 1  loss [0-9.]+  val_accuracy [0-9.]+%  [0-9.]+ m?s$'
    [ -d convoy-compare/runs ] || fail "no convoy-compare/runs"
}

case_jobs_and_threads_change_nothing() {
    local two=(--data "$(digits 80 20)" --model lenet5 --epochs 2 --seeds 2 --cost-repeats 0 --quiet
        --optimizer sgd:momentum=0.9 --optimizer adam)
    works compare "${two[@]}" --report a --jobs 1 --threads 1
    works compare "${two[@]}" --report b --jobs 1 --threads 2
    works compare "${two[@]}" --report c --jobs 2
    works compare "${two[@]}" --report d --jobs 7 --threads 2
    same_reports a b
    same_reports a c
    same_reports a d
}

case_evaluates_inside_an_epoch() {
    local adam=("${small[@]}" --optimizer adam --seeds 1)
    works compare "${adam[@]}" --report ends --evaluate-every 9
    works compare "${adam[@]}" --report inside --evaluate-every 4
    equal steps "$(tail -n +2 inside/curves.csv | grep -o 'finished,[0-9]*,[0-9.]*' | paste -sd ' ')" \
        "finished,4,0.4444444444444444 finished,8,0.8888888888888888 finished,9,1 \
finished,13,1.4444444444444444 finished,17,1.8888888888888888 finished,18,2"
    equal weights "$(weights inside)" "$(weights ends)"
    equal validation "$(sed -n '4p;7p' inside/curves.csv | awk -F , '{ print $(NF - 1), $NF }')" \
        "$(sed -n '2,3p' ends/curves.csv | awk -F , '{ print $(NF - 1), $NF }')"
    works compare "${adam[@]}" --quiet=false --report inside --evaluate-every 3
    err_has 'had other settings \(evaluate_every\) and was repeated$'
    grep -q '"evaluate_every": 3' inside/summary.json || fail "summary without evaluate_every"
    works compare --data "$(digits 8000 100)" --model mlp --optimizer sgd --epochs 1 --seeds 1 --quiet \
        --report long --target loss=3
    equal "four times in a long epoch" "$(grep -c '^"sgd"' long/curves.csv)" 4
    grep -A 9 '"target": {' long/summary.json | grep -q '"median": 29.0' ||
        fail "the target was not reached at the first evaluation: $(cat long/summary.json)"
}

case_trains_as_train_does() {
    works compare "${small[@]}" --optimizer adam --report report
    works train --data "$(digits 600 100)" --model mlp --epochs 2 --seed 1 --validation-split 0.1 --json
    grep -q "$(json_value weights_sha256)" report/runs/adam-*-seed1.json ||
        fail "train learns something else"
}

case_goes_on_after_a_kill() {
    local data=(--data "$(digits 400 50)" --model mlp --epochs 2 --seeds 2 --cost-repeats 0 --quiet --jobs 1)
    works compare "${data[@]}" --report whole
    "$convoy" compare "${data[@]}" --report killed >"$scratch/out" 2>"$scratch/err" &
    local job=$! waited=0
    until [ "$(ls killed/runs 2>/dev/null | grep -c 'json$')" -ge 2 ]; do
        kill -0 $job 2>/dev/null || break
        [ $((waited++)) -lt 50000 ] || fail "no run within 1000 seconds"
        sleep 0.02
    done
    kill -KILL $job 2>/dev/null
    wait $job
    if [ -e killed/report.html ]; then # this shell slept longer than all the runs took
        rm killed/report.html "$(ls -d killed/runs/*.json | tail -n 1)"
    fi
    local first second
    first=$(ls -d killed/runs/*.json | head -n 1)
    second=$(stat -c %i "$first")
    works compare "${data[@]}" --quiet=false --report killed
    err_has '^[0-9]+ of 12 runs were there already$'
    equal "$first" "$(stat -c %i "$first")" "$second"
    same_reports whole killed
}

case_stops_on_a_signal() {
    local data=(--cost-repeats 0 --data "$(digits 2000 100)" --model fast --epochs 30 --seeds 3 --quiet)
    set -m
    "$convoy" compare "${data[@]}" --report stopped >"$scratch/out" 2>"$scratch/err" &
    local job=$!
    set +m
    until [ -d stopped/runs ]; do
        kill -0 $job 2>/dev/null || fail "ended before the signal"
        sleep 0.05
    done
    kill -INT $job
    wait $job
    status=$?
    equal status "$status" 130
    expect_one_error "stopped: stopped after"
    [ ! -e stopped/report.html ] || fail "there is a report of nothing"
}

case_notices_another_setting() {
    works compare "${small[@]}" --optimizer adam --report report
    works compare "${small[@]}" --quiet=false --optimizer adam --report report
    err_has '^2 of 2 runs were there already$'
    works compare "${small[@]}" --quiet=false --optimizer adam --report report --epochs 3
    err_has '^2 runs kept in report had other settings \(epochs\) and were repeated$'
    works compare "${small[@]}" --quiet=false --optimizer adam --report report --seeds 3 --epochs 3
    err_has '^2 of 3 runs were there already$'
    equal "runs' files" "$(ls report/runs | wc -l)" 3
}

case_repeats_a_damaged_run() {
    works compare "${small[@]}" --optimizer adam --report report
    curves report >"$scratch/before"
    local file
    file=$(ls report/runs/*-seed0.json)
    head -c 200 "$file" >cut && mv cut "$file"
    sed -i 's/"points"/"pints"/' report/runs/*-seed1.json
    works compare "${small[@]}" --optimizer adam --report report
    equal curves "$(curves report)" "$(cat "$scratch/before")"
}

case_one_optimizer_under_two_names() {
    works compare "${small[@]}" --seeds 5 --optimizer first=adam --optimizer second=adam --report report
    equal curves "$(curves report | grep '^"second"' | sed 's/second/first/')" \
        "$(curves report | grep '^"first"')"
    grep -q 'no significant difference' report/report.html || fail "they are told apart"
}

# The process is stopped again and again while it runs: only seconds may differ.
case_a_slowed_process_changes_no_finding() {
    local c=(compare "${small[@]}" --seeds 5 --jobs 2 --optimizer sgd:learning_rate=0.1 --optimizer adam) pid
    works "${c[@]}" --report quick
    "$convoy" "${c[@]}" --report slow >"$scratch/out" 2>"$scratch/err" &
    pid=$!
    while kill -STOP $pid 2>"$scratch/gone"; do
        sleep 0.03
        kill -CONT $pid
        sleep 0.03
    done
    wait $pid || fail "status $?"
    same_reports quick slow
}

case_a_rate_far_too_large_diverges() {
    works compare "${small[@]}" --optimizer sgd --optimizer far=sgd:learning_rate=10 \
        --optimizer nan=sgd:learning_rate=10000 --report report
    equal diverged "$(grep -l '"diverged": true' report/runs/*.json | sed 's/.*runs.//; s/-.*//' |
        sort | uniq -c | paste -sd ' ' | tr -s ' ')" " 2 far 2 nan"
    grep -qi 'diverged' report/report.html || fail "the report does not say so"
    grep -q '"test": null' report/runs/far-*-seed0.json || fail "a diverged run was tested"
}

case_tunes_on_validation_only() {
    works compare "${small[@]}" --quiet=false --optimizer sgd --tune learning_rate=0.0001..0.1:4 \
        --report report
    err_has '^warning: sgd learning_rate=0.1: the best learning_rate, 0.1, is at the edge of the range'
    equal trials "$(trials report | wc -l)" 4
    ! trials report | xargs grep -L '"test": null' | grep -q . ||
        fail "a trial was tested"
    equal "other seeds" "$(trials report | xargs grep -ho '"seed": 2' | wc -l)" 4
    grep -q '^"sgd learning_rate=0.1",compared,"sgd:learning_rate=0.1,' report/curves.csv ||
        fail "the best was not taken, or its name does not say so"
    grep -q '^"sgd untuned",untuned,"sgd:learning_rate=0.01,' report/curves.csv || fail "no untuned one"
    works compare "${small[@]}" --optimizer sgd --tune momentum=0.1..0.9:3:quasi-random --report more
    equal trials "$(trials more | grep -o 'momentum-[0-9.]*' | sort | paste -sd ' ')" \
        "momentum-0.1732 momentum-0.3 momentum-0.5196"
}

case_tunes_several_keys() {
    works compare "${small[@]}" --quiet=false --seeds 1 --optimizer sgd --optimizer adagrad --report report \
        --tune learning_rate=0.001..0.1:3 --tune momentum=0.3..0.9:2
    equal trials "$(trials report | sed 's/.*runs.//; s/-.*//' | sort | uniq -c |
        paste -sd ' ' | tr -s ' ')" " 3 adagrad 6 sgd"
    err_has '^warning: sgd learning_rate=0.1 momentum=0.3: the best learning_rate, 0.1, is at the edge'
    err_has '^warning: sgd learning_rate=0.1 momentum=0.3: the best momentum, 0.3, is at the edge'
    equal tuned "$(sed -n '/"tuning": {/,/\]/p' report/summary.json | head -n 14 | tr -d ' \n{}"')" \
        "tuning:trials:6,keys:[key:learning_rate,value:0.1,on_edge:true,key:momentum,value:0.3,on_edge:true]"
    grep -q '^"sgd learning_rate=0.1 momentum=0.3",compared,"sgd:learning_rate=0.1,momentum=0.3,' \
        report/curves.csv || fail "not taken over"
    works compare "${small[@]}" --seeds 1 --optimizer sgd --optimizer adagrad --report random \
        --tune learning_rate=0.001..0.1:4:quasi-random --tune momentum=0.3..0.9:4:quasi-random
    equal trials "$(trials random | wc -l)" 8
    refuses 2 '"momentum" is given twice' compare "${small[@]}" --tune momentum=0.1..0.5:2 --tune momentum=0.1..0.9:2
    refuses 2 'expected all keys on grids or all quasi-random' compare "${small[@]}" --tune momentum=0.1..0.5:2 \
        --tune learning_rate=0.1..1:2:quasi-random
    refuses 2 'expected as many' compare "${small[@]}" --tune momentum=0.1..0.5:2:quasi-random \
        --tune learning_rate=0.1..1:3:quasi-random
    refuses 2 'expected at most 1000' compare "${small[@]}" --tune momentum=0.1..0.5:200 --tune learning_rate=0.1..1:6
    refuses 2 'is a setting of no optimizer' compare "${small[@]}" --optimizer adagrad --tune learning_rate=0.1..1:2 \
        --tune momentum=0.1..0.5:2
    refuses 2 'momentum: found "2"' compare "${small[@]}" --optimizer sgd --tune momentum=0.1..2:3
}

case_tunes_the_peak_of_a_schedule() {
    works compare "${small[@]}" --quiet=false --seeds 1 --optimizer sgd --optimizer adam --report report \
        --learning-rate cos=cosine_decay:initial_learning_rate=0.001,decay_steps=18 \
        --tune sgd:learning_rate=0.1..1:2 --tune learning_rate=0.001..0.01:2
    grep -q '^"sgd, cos initial_learning_rate=\(0.1\|1\)",compared,"sgd:.*","cosine_decay:initial_learning_rate=' \
        report/curves.csv || fail "no tuned peak: $(cut -c1-120 report/curves.csv | head -n 3)"
    equal tuned "$(grep -o '"tuned": [a-z]*' report/summary.json | sort | uniq -c | tr -s ' ' | paste -sd ' ')" \
        ' 2 "tuned": false  2 "tuned": true'
    works compare "${small[@]}" --seeds 1 --optimizer sgd --optimizer adagrad --report part \
        --tune momentum=0.5..0.9:2
    grep -q 'Not tuned, for lack of the tuned settings: adagrad\.' part/report.html || fail "the report does not say what was not tuned"
}

# The rows of differences.csv of a report, where all but the baseline NAME have one, in the order of the ranking.
differences_of() {
    sed -n '/"ranking": \[/,/\]/p' "$1/summary.json" | sed -n 's/^ *\("[^"]*"\),*$/\1/p' | grep -v "^\"$2\"$" |
        awk '{ print NR "," $0 }' | paste -sd ' '
}

case_tests_what_was_planned() {
    local three=("${small[@]}" --seeds 5 --epochs 1 --optimizer sgd --optimizer adam --optimizer b=sgd)
    works compare "${three[@]}" --baseline sgd --margin 5 --report report
    out_has 'against sgd'
    out_has 'baseline'
    equal planned "$(grep -c '"planned": true' report/summary.json)" 2
    equal "rows of differences" "$(cut -d, -f1,2 report/differences.csv | uniq | paste -sd ' ')" \
        "rank,configuration $(differences_of report sgd)"
    grep -q 'Each run was evaluated once, at its end, so there are no curves' report/report.html ||
        fail "the page does not say why it has no curves"
    works compare "${three[@]}" --pair adam,b --report report
    equal planned "$(grep -c '"planned": true' report/summary.json)" 1
    equal "differences of the pair" "$(sed -n '2,$p' report/differences.csv | cut -d, -f1,2 | uniq)" '1,"b"'
    refuses 2 '"adamw" is not compared' compare "${three[@]}" --baseline adamw
    refuses 2 'expected two names: A,B' compare "${three[@]}" --pair adam
    refuses 2 'expected two names: A,B' compare "${three[@]}" --pair adam,adam
    refuses 2 'expected one of them' compare "${three[@]}" --pair adam,b --baseline sgd
}

case_costs_are_measured_in_rounds() {
    works compare "${small[@]}" --seeds 1 --epochs 1 --cost-repeats 6 --optimizer sgd --optimizer adam --report report
    out_has '^Cost$'
    grep -q '"cost_rounds": 6' report/summary.json || fail "no rounds"
    grep -A4 '"step_seconds_by_plain_sgd_in_rounds"' report/summary.json | grep -q '"median": 1.0' ||
        fail "plain SGD is not 1 times itself"
    ! grep -q 'null' <(grep -A4 '"step_seconds_in_rounds"' report/summary.json) || fail "no interval"
    works compare "${small[@]}" --seeds 1 --epochs 1 --cost-repeats 6 --optimizer sgd --optimizer adam \
        --grid 'batch_size=8;full' --report batches
    local seconds
    mapfile -t seconds < <(grep -A4 '"step_seconds_in_rounds"' batches/summary.json | sed -n 's/.*"median": \([0-9.e-]*\).*/\1/p')
    equal "costs" "${#seconds[@]}" 4
    awk -v a="${seconds[0]}" -v b="${seconds[1]}" 'BEGIN { exit !(b > 2 * a) }' ||
        fail "540 images cost ${seconds[1]} s, 8 cost ${seconds[0]} s"
    ! grep -q 'null' <(grep -A4 'by_plain_sgd_in_rounds"' batches/summary.json) || fail "no ratio for a batch size"
}

case_a_folder_keeps_no_figures_of_another_question() {
    command -v gnuplot >/dev/null || skip "no gnuplot here"
    works compare "${small[@]}" --seeds 1 --optimizer sgd --grid 'momentum=0;0.5' --report report
    [ -s report/setting-momentum.gp ] && [ -s report/setting-momentum.csv ] || fail "no figure of momentum"
    echo mine >report/notes.gp
    works compare "${small[@]}" --seeds 1 --optimizer adam --report report
    ! ls report/setting-momentum.* 2>/dev/null || fail "a figure of another question is still there"
    equal notes "$(cat report/notes.gp)" mine
}

case_crosses() {
    works compare "${small[@]}" --seeds 1 --optimizer sgd --optimizer adam --learning-rate 0.01 \
        --learning-rate cosine_decay:initial_learning_rate=0.1,decay_steps=18 \
        --grid 'momentum=0;0.9' --report report
    equal configurations "$(tail -n +2 report/curves.csv | cut -d '"' -f 2 | uniq | paste -sd '|')" \
        "sgd, 0.01 momentum=0|sgd, 0.01 momentum=0.9|\
sgd, cosine_decay momentum=0|\
sgd, cosine_decay momentum=0.9|\
adam, 0.01|adam, cosine_decay"
}

# A protocol's budget: trials with a seed for each study, and a table of its scores.
case_protocols() {
    works compare --data "$(digits 300 50)" --model mlp --optimizer sgd --seeds 2 --epochs 1 --cost-repeats 0 \
        --record=false --protocol algoperf-external --target val_accuracy=0.2 --quiet --report external --json
    equal "seeds of trials" "$(ls external/runs | sed -n 's/.*-seed\([234]\)\.json/\1/p' | sort | uniq -c |
        awk '{ print $1, $2 }' | paste -sd ' ')" "5 2 5 3 5 4"
    out_has '"protocol":"algoperf-external"'
    out_has '"protocol_score":\{"trials":15,"reached":'
    grep -q '<h2>AlgoPerf, external tuning</h2>' external/report.html || fail "no table of the score"
    grep -qE 'compare .*--protocol algoperf-external' external/report.html || fail "the command lacks the protocol"
    works compare --data "$(digits 100 50)" --model mlp --optimizer sgd --epochs 1 --cost-repeats 0 \
        --record=false --protocol deepobs --quiet --report deepobs
    equal runs "$(ls deepobs/runs | wc -l)" $((36 + 10 + 10))
    refuses 2 'protocol: found "x", expected algoperf-external or deepobs' compare "${small[@]}" --protocol x
    refuses 2 'expected 36 values on a grid of one key' compare "${small[@]}" --protocol deepobs --tune learning_rate=0.1..1:3
}

case_several_models_and_data_sets() {
    local more=(--data "$(digits 200 100)" --data "$(digits 300 100)" --model mlp --model lenet5
        --epochs 2 --seeds 2 --optimizer sgd --optimizer adam --target loss=2 --cost-repeats 0)
    works compare "${more[@]}" --report a --jobs 1
    err_has '^run 1/16  mlp on digits:train=200,test=100: sgd, seed 0 '
    err_has '^run 16/16  lenet5 on digits:train=300,test=100: adam, seed 1 '
    out_has '^=== mlp on digits:train=200,test=100 ===$'
    out_has '^=== all 4 workloads ===$'
    out_has '^Over 4 workloads, adam has the highest score of the performance profile'
    equal workloads "$(cd a && ls -d */ | paste -sd ' ')" "lenet5-on-digits-train=200-test=100/ \
lenet5-on-digits-train=300-test=100/ mlp-on-digits-train=200-test=100/ mlp-on-digits-train=300-test=100/"
    equal names "$(grep -o '"name": "[a-z0-9]* on [^"]*"' a/summary.json | wc -l)" 4
    grep -q '"problems": 4' a/summary.json || fail "no profile: $(cat a/summary.json)"
    [ -s a/profile.csv ] && [ -s a/tables.tex ] || fail "no profile's files"
    grep -q '<h2>lenet5 on digits:train=300,test=100</h2>' a/report.html || fail "no chapter"
    works compare "${more[@]}" --quiet --report b --jobs 3
    equal summary "$(summary b)" "$(summary a)"
    # a workload comes to what it comes to alone
    works compare --data "$(digits 300 100)" --model mlp "${more[@]:8}" --quiet --report alone
    same_reports alone a/mlp-on-digits-train=300-test=100
    rm -r "a/lenet5-on-digits-train=200-test=100/runs"
    works compare "${more[@]}" --report a
    equal "runs done again" "$(grep -c '^run ' "$scratch/err")" 4
    err_has '^mlp on digits:train=200,test=100: 4 of 4 runs were there already$'
    equal summary "$(summary b)" "$(summary a)"
}

case_tunes_each_workload_by_itself() {
    works compare --data "$(digits 160 50)" --model mlp --model lenet5 --epochs 1 --seeds 1 --quiet \
        --optimizer sgd --tune learning_rate=0.001..1:4 --report report
    equal trials "$(trials report/mlp-on-digits | wc -l) $(trials report/lenet5-on-digits | wc -l)" "4 4"
}

case_compares_schedules() {
    works compare "${small[@]}" --schedules --report report
    equal configurations "$(tail -n +2 report/curves.csv | cut -d '"' -f 2 | uniq | paste -sd ' ')" \
        "constant exponential_decay piecewise_constant_decay polynomial_decay inverse_time_decay \
cosine_decay"
}

case_refuses_what_makes_no_sense() {
    local c=(compare "${small[@]}")
    refuses 2 '"adam" is given twice' "${c[@]}" --optimizer adam --optimizer adam
    refuses 2 'are the same' "${c[@]}" --optimizer adam --optimizer adam:epsilon=1e-7
    refuses 2 '"a" is given twice' "${c[@]}" --optimizer a=adam --optimizer a=sgd
    refuses 2 'expected SPEC or NAME=SPEC' "${c[@]}" --optimizer =adam
    refuses 2 'did you mean "adam"' "${c[@]}" --optimizer adamm
    refuses 2 'learning rate' "${c[@]}" --learning-rate often
    refuses 2 '--grid: found "momentum="' "${c[@]}" --grid momentum=
    refuses 2 '--grid: found "momentum=0;;1"' "${c[@]}" --grid 'momentum=0;;1'
    refuses 2 '--grid: found "momentum"' "${c[@]}" --grid momentum
    refuses 2 'is a setting of no optimizer' "${c[@]}" --grid 'momentun=0;0.9'
    refuses 2 'momentum: found "2"' "${c[@]}" --grid 'momentum=0;2'
    refuses 2 '--target: found "top=1"' "${c[@]}" --target top=1
    refuses 2 'expected auto, loss=VALUE, accuracy=VALUE' "${c[@]}" --target val_accuracy=0.9 \
        --validation-split 0
    refuses 2 '--target: found "x", expected a number' "${c[@]}" --target loss=x
    refuses 2 '--target: found "98.5", expected a number in [0, 1]' "${c[@]}" \
        --target val_accuracy=98.5
    refuses 2 '--target: "auto" is given twice' "${c[@]}" --target auto --target auto
    refuses 2 '--target: "val_accuracy=0.90" is given twice' "${c[@]}" \
        --target val_accuracy=0.9 --target loss=0.9 --target val_accuracy=0.90
    refuses 2 '--seeds: found "0"' "${c[@]}" --seeds 0
    refuses 2 '--model: "mlp" is given twice' "${c[@]}" --model mlp
    refuses 2 '--data: "digits" is given twice' "${c[@]}" --data digits --data digits
    refuses 1 'lenet6: no built-in model' "${c[@]}" --model lenet6
    refuses 2 'expected a built-in name or a .json file' "${c[@]}" --model trained.safetensors
    refuses 2 '--evaluate-every: found "0"' "${c[@]}" --evaluate-every 0
    refuses 2 '--evaluate-every: found "often"' "${c[@]}" --evaluate-every often
    refuses 2 '--tune: found "learning_rate=1"' "${c[@]}" --tune learning_rate=1
    refuses 2 '--tune: found "learning_rate=1..0.1:5"' "${c[@]}" --tune learning_rate=1..0.1:5
    refuses 2 'no validation images' "${c[@]}" --tune learning_rate=0.1..1:5 --validation-split 0
    refuses 2 '--schedules: found a learning rate' "${c[@]}" --schedules --learning-rate 1
    equal files "$(ls -A)" ""
}

case_refuses_a_folder_that_holds_something_else() {
    mkdir other
    touch other/letter
    refuses 2 'other holds something else' compare "${small[@]}" --report other
    refuses 2 'Not a directory' compare "${small[@]}" --report other/letter
    equal files "$(ls -A other)" letter
    rm other/letter
    mkdir -p several/mlp-on-digits
    touch several/mlp-on-digits/letter several/study.json
    echo '{"written_by": "convoy compare"}' >several/study.json
    refuses 2 'several/mlp-on-digits holds something else' compare --quiet --model mlp --model fast \
        --report several
    echo '{"written_by": "me"}' >other/study.json
    refuses 2 'is not what convoy compare has written' compare "${small[@]}" --report other
}

run_cases "$@"
