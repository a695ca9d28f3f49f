#!/usr/bin/env bash
# Includes point down: a file includes headers of its own folder and of lower ones, never of a folder
# of the same height. The drawing stands in ARCHITECTURE.md.
set -euo pipefail

grep -rE '^ *# *include *"' include src | awk -F '"' '
    BEGIN {
        height["convoy"] = 0 # include/convoy
        height["base"] = 1
        height["kernels"] = height["formats"] = 2
        height["layers"] = height["losses"] = 3
        height["model"] = height["optimizers"] = height["schedules"] = height["callbacks"] = 4
        height["data"] = height["comm"] = height["metrics"] = 4
        height["train"] = 5
        height["report"] = 6
        height["cli"] = 7
    }
    { split($1, place, "/"); from = place[2]; split($2, target, "/"); to = target[1] }
    from == to && from in height { next }
    !(from in height) || !(to in height) || height[to] >= height[from] { print "not downwards: " $0; bad = 1 }
    END { if (NR == 0) print "found no includes at all"; exit bad || NR == 0 }'
