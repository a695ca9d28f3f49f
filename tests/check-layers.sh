#!/usr/bin/env bash
# The order of the house (drawn in ARCHITECTURE.md), kept true:
# 1. Includes point down. A library's file includes its own folder and lower ones, never a folder of the
#    same height. A study's or the program's file includes what its storey may see.
# 2. File names are unique in src, so that a name alone says which file is meant.
# 3. A header has its source of the same name, or is listed below with the reason why not.
# 4. No folder of src holds more than an eighth of its lines.
# 5. Only base/json.h includes jansson.h, and JSON is printed and parsed with its functions.
# 6. Text is printed into memory with base/text_stream.h.
# 7. Nothing depends on the locale that the calling program has chosen.
set -euo pipefail

# Includes that break rule 1. There are none.
exceptions=''

# Headers without a source of the same name, and why.
headers_only='
base/minmax.h         inline
base/plural.h         inline
base/build.h          its source is written at each build (cmake/BuildInfo.cmake)
model/embedded.h      its source is written from models/ (cmake/EmbedModels.cmake)
kernels/compute.h     a plain struct: what was chosen from three lists
kernels/exponential.h inline, so that it becomes vector code in each kernel
augmentations/augmentation.h what a kind is; each kind is a file, listed in augmentations.c
kernels/vector.h      inline, so that the sums of a tile stay in registers
kernels/winograd_transforms.h inline, as are the vectors
callbacks/callback.h  what a kind is; each kind is a file, listed in callbacks.c
data/dataset.h        what a kind is; each kind is a file, listed in datasets.c
layers/weight_rows.h  macros
layers/layer.h        what a kind is; each kind is a file, listed in layers.c
layers/constraint.h   what a kind is; the kinds are in constraints.c
layers/initializer.h  what a kind is; the kinds are in initializers.c
layers/regularizer.h  what a kind is; the kinds are in regularizers.c
losses/loss.h         what a kind is; each kind is a file, listed in losses.c
metrics/metric.h      what a kind is; each kind is a file, listed in metrics.c
optimizers/optimizer.h what a kind is; each kind is a file, listed in optimizers.c
schedules/schedule.h  what a kind is; each kind is a file, listed in schedules.c
comm/module.h         what a module exports; each is a shared object of its own
train/exchange_state.h         a plain struct of the stepper; exchange.c works on it
train/score.h         shared by evaluate.c and its callers in the folder
train/training.h      shared by prepare.c and trainer.c
cli/command.h         what a command is; each command is a file, listed in commands.c
cli/rows.h            macros'

bad=0
grep -rE '^ *# *include *"' include src | awk -F '"' -v exceptions="$exceptions" '
    BEGIN {
        # The library: lower folders have lower numbers.
        height["convoy"] = 0 # include/convoy
        height["base"] = 1
        height["kernels"] = height["formats"] = height["comm"] = 2
        height["layers"] = height["losses"] = height["pictures"] = height["checkpoints"] = 3
        height["model"] = height["optimizers"] = height["schedules"] = height["callbacks"] = 4
        height["data"] = height["augmentations"] = height["metrics"] = 4
        height["sources"] = 4.5 # they hand images to data, which only lists them
        height["train"] = 5
        height["public"] = 6

        # Studies and the program: what each folder may see besides itself, base and include/convoy.
        sees["charts"] = " "
        sees["statistics"] = " "
        sees["machine"] = " kernels statistics "
        sees["study"] = " charts statistics machine "
        sees["scaling"] = " statistics machine "
        sees["figures"] = " charts statistics machine study scaling "
        sees["report"] = " charts statistics machine study scaling figures "
        sees["gallery"] = " charts "
        sees["cli"] = " gallery charts statistics machine study scaling figures report "

        count = split(exceptions, lines, "\n")
        for (i = 1; i <= count; i++)
            if (lines[i] != "")
                excepted[lines[i]] = 1
    }
    {
        file = $1
        sub(/:.*/, "", file)
        split(file, place, "/")
        from = place[2]
        split($2, target, "/")
        to = target[1]
    }
    from == to && (from in height || from in sees) { next }
    from in height && to in height && height[to] < height[from] { next }
    from in sees && (to == "base" || to == "convoy" || index(sees[from], " " to " ")) { next }
    (file " " $2) in excepted { met[file " " $2] = 1; next }
    { print "not downwards: " $0; bad = 1 }
    END {
        for (line in excepted)
            if (!(line in met))
                print "no longer included, so it can go from the exceptions in check-layers.sh: " line
        if (NR == 0)
            print "found no includes at all"
        exit bad || NR == 0
    }' || bad=1

twice=$(find src -name '*.[ch]' -printf '%f\n' | sort | uniq -d)
for name in $twice; do
    echo "two files are called $name: $(find src -name "$name" | sort | tr '\n' ' ')"
    bad=1
done

while read -r header; do
    if [ ! -f "${header%.h}.c" ] && ! grep -q "^${header#src/} " <<<"$headers_only"; then
        echo "$header: no ${header%.h}.c; expected one, or a line with the reason in check-layers.sh"
        bad=1
    fi
done < <(find src -name '*.h' | sort)

total=$(find src -name '*.[ch]' -exec cat {} + | wc -l)
for folder in src/*/; do
    lines=$(find "$folder" -name '*.[ch]' -exec cat {} + | wc -l)
    if [ $((8 * lines)) -gt "$total" ]; then
        echo "$folder holds $lines of $total lines, expected at most an eighth"
        bad=1
    fi
done
direct=$(grep -rl '#include <jansson.h>' src | grep -vx 'src/base/json.h' || true)
if [ -n "$direct" ]; then
    echo "includes jansson.h, expected base/json.h, where results that must not be ignored are marked:" $direct
    bad=1
fi
raw=$(grep -rlE '\bjson_(dumps|dumpb|loads|loadb|load_file|loadf|loadfd)\(' src | grep -v '^src/base/json\.' || true)
if [ -n "$raw" ]; then
    echo "prints or parses with jansson itself, expected cvy_json_dump() and cvy_json_load() of base/json.h:" $raw
    bad=1
fi
memory=$(grep -rl 'open_memstream(' src | grep -v '^src/base/text_stream\.' || true)
if [ -n "$memory" ]; then
    echo "open_memstream() does not tell when memory is short, expected cvy_text_stream_open():" $memory
    bad=1
fi
local=$(grep -rnE '\b(strto(d|f|ld)|atof|to(upper|lower)|is(alpha|alnum|upper|lower|space|print|punct)|strn?casecmp|strcoll|alphasort|fnmatch)\b(\(|\))' src |
    grep -vE '^src/base/(number|letters)\.[ch]:|/\*' || true)
if [ -n "$local" ]; then
    echo "depends on the calling program's locale, expected base/number.h, base/letters.h or cvy_folder_order():"
    echo "$local"
    bad=1
fi
library=()
for folder in src/*/; do
    case $folder in
    src/charts/ | src/cli/ | src/figures/ | src/gallery/ | src/machine/ | src/report/ | src/scaling/ | src/statistics/ | src/study/) ;;
    *) library+=("$folder") ;;
    esac
done
printed=$(grep -rnE '\bsn?printf\([^;]*%[-+ #0]*[0-9*]*(\.[0-9*]+)?[aefgAEFG]' "${library[@]}" |
    grep -vE '^src/base/number\.c:|%\.0f' || true)
if [ -n "$printed" ]; then
    echo "prints with the calling program's decimal mark, expected cvy_number_text() of base/number.h:"
    echo "$printed"
    bad=1
fi
exit $bad
