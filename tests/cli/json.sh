#!/usr/bin/env bash
# What --json prints, and summary.json of reports, held against the schemas beside this script. Those of
# convoy scale are in scale.sh.
. "$(dirname "$0")/harness.sh"

# There are more kinds of numbers than a healthy training shows: with nothing to validate on or to
# test, and with losses that no label fits.
case_train_and_evaluate() {
    works train --model mlp --data "$(digits 300 50)" --epochs 2 --validation-split 0.2 --json
    fits_schema train
    works evaluate model.safetensors --data "$(digits 10 50)" --json
    fits_schema evaluate
    works train --model mlp --data "$(digits 300 50)" --steps 1 --loss mean_squared_error --json
    fits_schema train
    works evaluate model.safetensors --data "$(digits 10 1)" --json
    fits_schema evaluate
}

case_predict() {
    make_model m.safetensors
    run "$convoy" predict m.safetensors "$tests/../datasets/pictures/eight.png" nowhere.png --json
    equal status "$status" 1
    fits_schema predict
}

case_info() {
    local table
    works info --json
    fits_schema machine
    for table in optimizers schedules losses callbacks datasets layers; do
        works info --$table --json
        fits_schema info-kinds
    done
    for model in cnn-bn lenet5 mlp; do
        works info $model --json
        fits_schema info-model
    done
    works info --learning-rate cosine_decay:initial_learning_rate=0.1,decay_steps=9 --steps 12 --json
    fits_schema info-rates
}

case_data() {
    works data info "$(digits 30 10)" --json
    fits_schema data
}

case_compare() {
    works compare --data "$(digits 300 50)" --model mlp --epochs 1 --seeds 2 --optimizer sgd \
        --optimizer diverges=sgd:learning_rate=1e30 --target val_accuracy=0.1 --report report --json
    fits_schema compare
    fits_schema compare report/summary.json
}

# A schema that takes anything would prove nothing: each refuses what another command prints.
case_schemas_refuse() {
    local schema
    for schema in "$tests"/cli/*.schema.json; do
        printf '{"command":"none"}\n' >other.json
        "$CONVOY_CHECK_JSON" "$schema" other.json 2>error
        equal "status of $schema" "$?" 1
    done
    printf '{"format":"date"}\n' >no.schema.json
    "$CONVOY_CHECK_JSON" no.schema.json other.json 2>error
    equal "status of a schema that is not understood" "$?" 2
}

run_cases "$@"
