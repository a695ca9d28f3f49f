#!/usr/bin/env bash
# --config, recipes, and the configuration that a model and a log keep.
. "$(dirname "$0")/harness.sh"

tiny=(--data "$(digits 200 20)" --epochs 1 --quiet)

digest() {
    grep -oE '[0-9a-f]{64}' "$scratch/out" | head -n 1
}

case_a_file_stands_for_its_options() {
    cat >run.json <<'END'
{"model": "mlp", "epochs": 2, "batch_size": 16, "optimizer": "sgd:momentum=0.5", "seed": 3, "limit": null,
 "learning-rate": 0.05, "data": "digits:train=200,test=20",
 "callback": ["terminate_on_nan", "early_stopping:monitor=loss"]}
END
    works train --config run.json --quiet
    local from_file
    from_file=$(digest)
    works train --model mlp --epochs 2 --batch-size 16 --optimizer sgd:momentum=0.5 --seed 3 --learning-rate 0.05 \
        --data "$(digits 200 20)" --callback terminate_on_nan --callback early_stopping:monitor=loss --quiet
    equal digest "$(digest)" "$from_file"
}

case_the_command_line_wins() {
    echo '{"model": "lenet5", "epochs": 7, "data": ["digits:train=5000"], "quiet": true}' >run.json
    works train --model mlp "${tiny[@]}"
    local plain
    plain=$(digest)
    works train --config run.json --model mlp "${tiny[@]}"
    equal "options behind it" "$(digest)" "$plain"
    works train --model mlp "${tiny[@]}" --config run.json
    equal "options before it" "$(digest)" "$plain"
    works train --config=run.json --model=mlp "${tiny[@]}"
    equal "with =" "$(digest)" "$plain"
}

case_a_model_makes_its_command_and_itself_again() {
    works train --model mlp "${tiny[@]}" --batch-size 20 --learning-rate 'step_decay:initial_learning_rate=0.1,decay_epochs=2' \
        --callback "csv_logger:filename=it's.csv" --threads 1 --memory 1G
    mv model.safetensors first.safetensors
    works info first.safetensors --command
    equal line "$(cat "$scratch/out")" \
        "convoy train --data digits:train=200,test=20 --memory 1G --model mlp --epochs 1 --batch-size 20 --learning-rate step_decay:initial_learning_rate=0.1,decay_epochs=2 --callback 'csv_logger:filename=it'\\''s.csv'"
    local line
    line=$(sed 's/^convoy //' "$scratch/out")
    eval "works $line --quiet"
    same_files first.safetensors model.safetensors
    works info first.safetensors --command --json
    out_has '"line":"convoy train '
    # and as a file
    sed 's/.*"configuration"://; s/}$//' "$scratch/out" >again.json
    works train --config again.json --quiet
    same_files first.safetensors model.safetensors
}

case_it_stands_beside_the_log() {
    works train --model mlp "${tiny[@]}" --log epochs.csv
    mv model.safetensors first.safetensors
    works train --config epochs.config.json --quiet
    same_files first.safetensors model.safetensors
    refuses 2 "epochs.config.json, a file that --log" train "${tiny[@]}" --log epochs.csv \
        --callback csv_logger:filename=epochs.config.json
}

case_recipes() {
    works info --recipes
    for recipe in mnist-99 mnist-accurate quick; do
        out_has "^$recipe: "
        works train --config "$recipe" --data "$(digits 130 20)" --epochs 1 --json
        works info --recipes
    done
    works info --recipes --json
    out_has '"name":"mnist-99","options":\{'
}

case_refused() {
    refuses 2 "Built-in recipes: mnist-99" train --config nothing.json
    echo '[1]' >bad.json
    refuses 1 "bad.json: expected a JSON object" train --config bad.json
    printf '{"epochs": 3' >bad.json
    refuses 1 "bad.json: line 1: not JSON" train --config bad.json
    echo '{"epochs": 3, "epochs": 4}' >bad.json
    refuses 1 "bad.json: line 1: not JSON: duplicate" train --config bad.json
    echo '{"epoch": 3}' >bad.json
    refuses 2 "bad.json: --epoch" train --config bad.json
    echo '{"epochs": 0}' >bad.json
    refuses 2 "bad.json: --epochs: found \"0\"" train --config bad.json
    echo '{"epochs": {"a": 1}}' >bad.json
    refuses 2 "bad.json: epochs: found an object" train --config bad.json
    echo '{"epochs": [1, 2]}' >bad.json
    refuses 2 "bad.json: epochs: found a list" train --config bad.json
    echo '{"config": "quick"}' >bad.json
    refuses 2 "bad.json: config: found in a configuration" train --config bad.json
    echo '{"command": "scale"}' >bad.json
    refuses 2 "bad.json: command: found scale" train --config bad.json
    mkdir folder
    refuses 1 "folder: a folder" train --config folder
    works train --model mlp "${tiny[@]}"
    refuses 2 "--command: found no model" info --command
    refuses 1 "lenet5: an architecture without weights, expected a trained model" info lenet5 --command
}

run_cases "$@"
