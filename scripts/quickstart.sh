#!/usr/bin/env bash
# From a fresh clone to a trained network: installs what the build needs (apt on Debian and Ubuntu),
# builds convoy in build/, trains it on the built-in digits and lets it read a few pictures.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

model=build/quickstart/model.safetensors

need_packages "${build_packages[@]}" gnuplot-nox # it draws what compare and scale find

step "build"
cmake --preset release
cmake --build --preset release --parallel "$(nproc)"

step "train: build/convoy train --output $model"
mkdir -p "$(dirname "$model")"
build/convoy train --output "$model"

step "predict: build/convoy predict $model datasets/pictures"
build/convoy predict "$model" datasets/pictures
