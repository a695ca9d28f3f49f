#!/usr/bin/env bash
# Line coverage by the tests (gcov): of src/, and of each parser. Builds build-coverage/.
#     scripts/coverage.sh [CTEST_REGEX]
set -euo pipefail
cd "$(dirname "$0")/.."
cmake -B build-coverage -DCMAKE_BUILD_TYPE=Debug -DBUILD_TESTING=ON -DCONVOY_GENERIC=ON \
    "-DCMAKE_C_FLAGS=--coverage -O1" >/dev/null
cmake --build build-coverage -j"$(nproc)" >/dev/null
find build-coverage -name '*.gcda' -delete
ctest --test-dir build-coverage -j"$(nproc)" ${1:+-R "$1"} >build-coverage/tests.log 2>&1 || tail -n 20 build-coverage/tests.log

# "File 'src/x.c'" and "Lines executed:91.30% of 46" are lines of gcov; each source is counted once.
find build-coverage/src -name '*.gcda' -print0 | xargs -0 -n 50 gcov -n 2>/dev/null |
    awk '/^File /{ file = $2; gsub(/\x27/, "", file); sub(/^.*\/src\//, "src/", file) }
        /^Lines executed:/ && file ~ /^src\/.*\.c$/ {
            split($0, part, /[:% ]+/); lines = $NF; hit = part[3] * lines / 100
            if (lines > total[file] || hit > best[file]) { total[file] = lines; best[file] = hit }
            file = "" # the sum that gcov prints at the end is of no file
        }
        END {
            for (f in total) {
                all += total[f]; done += best[f]
                if (f ~ /^src\/(sources|formats)\/|keras_|architecture|model_file|base\/(spec|settings)|cli\/(config|options)|checkpoint|train\/(position|resume)|run_store/) {
                    parsers += total[f]; parsed += best[f]
                    printf "%5.1f %% of %4d  %s\n", 100 * best[f] / total[f], total[f], f | "sort -k5"
                }
            }
            close("sort -k5")
            printf "parsers %.1f %% of %d lines\nsrc     %.1f %% of %d lines\n", 100 * parsed / parsers, parsers, 100 * done / all, all
        }'
