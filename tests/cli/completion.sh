#!/usr/bin/env bash
# What shells offer at the cursor: the program's candidates, and the scripts that hand them over.
. "$(dirname "$0")/harness.sh"

completions=$tests/../completions

# candidates WORD...: the words that fit in place of the last one, in one line.
candidates() {
    "$convoy" help --complete "$@" | cut -f 1 | paste -sd ' '
}

case_program_offers_from_its_tables() {
    equal commands "$(candidates '')" "train evaluate predict compare find-rate scale demo data info help"
    equal "a command" "$(candidates ev)" evaluate
    equal "after a common option" "$(candidates --threads 2 tr)" train
    equal "help" "$(candidates help sc)" scale
    equal "an option" "$(candidates train --opt)" --optimizer
    equal "a common option" "$(candidates evaluate --see)" --seed
    equal "an option once" "$(candidates scale --thr)" --threads
    equal "kinds" "$(candidates train --optimizer ada)" "adagrad adam adamw adadelta adamax adafactor"
    equal "kinds after =" "$(candidates train --optimizer=rms)" --optimizer=rmsprop
    equal "settings" "$(candidates train --optimizer adam:be)" "adam:beta_1= adam:beta_2="
    equal "a second setting" "$(candidates train --optimizer sgd:momentum=0.9,nes)" \
        "sgd:momentum=0.9,nesterov="
    equal "a setting after a list" \
        "$(candidates train --learning-rate 'piecewise_constant_decay:boundaries=[1,2],val')" \
        'piecewise_constant_decay:boundaries=[1,2],values='
    equal "a setting's values" "$(candidates train --optimizer adam:use_ema=)" \
        "adam:use_ema=true adam:use_ema=false"
    equal "schedules" "$(candidates info --learning-rate cos)" "cosine_decay cosine_decay_restarts"
    equal "choices" "$(candidates scale --mode '')" "strong weak"
    equal "figures" "$(candidates compare --figures svg,p)" "svg,pdf svg,png"
    equal "metrics after a comma" "$(candidates train --metrics auc,f1)" auc,f1_score
    equal "a metric's settings" "$(candidates train --metrics auc:num_thresholds=5,cur)" \
        auc:num_thresholds=5,curve=
    equal "augmentations" "$(candidates train --augment mix)" mixup
    equal "recipes" "$(candidates train --config mnist-a)" "mnist-accurate :files .json"
    equal "formats" "$(candidates data convert mnist --to c)" "csv :folders"
    equal "data sets to fetch" "$(candidates data fetch k)" kmnist
    equal "batch sizes" "$(candidates train --batch-size '')" full
    equal "files by type" "$(candidates evaluate '')" ":files .safetensors"
    equal "logs" "$(candidates train --log '')" ":files .csv .jsonl"
    equal "folders" "$(candidates compare --report '')" ":folders"
    equal "after --" "$(candidates predict m.safetensors -- --see)" ":files"
    equal "nothing for a number" "$(candidates train --epochs '')" ""
    equal "nothing after all operands" "$(candidates evaluate m.safetensors '')" ""
    equal "nothing unknown" "$(candidates train --optimizer none:)" ""
}

# Every option of every command is offered, with what it is.
case_every_option_is_offered() {
    local command option
    for command in train evaluate predict compare find-rate scale demo data info; do
        "$convoy" "$command" --help | grep -oE '^  --[a-z-]+' | tr -d ' ' | sort -u >expected
        "$convoy" help --complete "$command" -- | cut -f 1 | sort >found
        same_files found expected
        ! "$convoy" help --complete "$command" -- | grep -qE $'\t$' ||
            fail "an option of $command without a word on what it is"
    done
}

make_names() {
    mkdir -p bin data.d
    ln -s "$convoy" bin/convoy
    PATH=$PWD/bin:$PATH
    : >m.safetensors
    : >n.txt
    : >run.csv
}

# bash_offers LINE: what bash puts in place of the word at the end of the line.
bash_offers() {
    bash --norc --noprofile -c '
        source "$1"
        COMP_LINE=$2 COMP_POINT=${#2}
        _convoy
        printf "%s\n" "${COMPREPLY[@]}"' bash "$completions/convoy.bash" "$1" | sort | paste -sd ' '
}

case_bash() {
    make_names
    equal command "$(bash_offers 'convoy tr')" train
    equal option "$(bash_offers 'convoy train --opt')" --optimizer
    equal kinds "$(bash_offers 'convoy train --optimizer rms')" rmsprop
    # readline has cut the word at ':' and '='
    equal settings "$(bash_offers 'convoy train --optimizer adam:be')" "beta_1= beta_2="
    equal values "$(bash_offers 'convoy train --optimizer adam:use_ema=t')" true
    equal models "$(bash_offers 'convoy evaluate ')" "bin/ data.d/ m.safetensors"
    equal logs "$(bash_offers 'convoy train --log r')" run.csv
    equal folders "$(bash_offers 'convoy train --data d')" "data.d/ digits"
}

# With zsh's own functions replaced by ones that print what they are given.
zsh_offers() {
    zsh -f -c '
        compadd() { while [[ $1 != -- ]]; do shift; done; print -l -- "${@:2}" }
        _files() { print -- "files $*" }
        words=("${(@s: :)2}") CURRENT=$#words
        source "$1"' zsh "$completions/_convoy" "$1" | sort | paste -sd ' '
}

case_zsh() {
    command -v zsh >/dev/null || skip "no zsh here"
    make_names
    zsh -n "$completions/_convoy" || fail "zsh cannot read the script"
    equal command "$(zsh_offers 'convoy tr')" train
    equal option "$(zsh_offers 'convoy train --opt')" --optimizer
    equal kinds "$(zsh_offers 'convoy train --optimizer rms')" rmsprop
    equal settings "$(zsh_offers 'convoy train --optimizer adam:be')" "adam:beta_1= adam:beta_2="
    equal models "$(zsh_offers 'convoy evaluate ')" 'files -g *(.safetensors)(-.)'
    equal logs "$(zsh_offers 'convoy train --log ')" 'files -g *(.csv|.jsonl)(-.)'
    equal folders "$(zsh_offers 'convoy compare --report ')" 'files -/'
}

fish_offers() {
    HOME=$PWD fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$completions/convoy.fish" "$1" |
        cut -f 1 | sort | paste -sd ' '
}

case_fish() {
    command -v fish >/dev/null || skip "no fish here"
    make_names
    equal command "$(fish_offers 'convoy tr')" train
    equal option "$(fish_offers 'convoy train --opt')" --optimizer
    equal kinds "$(fish_offers 'convoy train --optimizer rms')" rmsprop
    equal settings "$(fish_offers 'convoy train --optimizer adam:be')" "adam:beta_1= adam:beta_2="
    equal models "$(fish_offers 'convoy evaluate m')" m.safetensors
    equal folders "$(fish_offers 'convoy compare --report d')" data.d/
}

run_cases "$@"
