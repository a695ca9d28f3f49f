#!/usr/bin/env bash
# The shared library given as $1 shows names that begin with cvy_, and no others but what the compiler's
# OpenMP makes of a critical section, which has to be one in the whole process, and a fuzzer's tables.
set -euo pipefail

names=$(nm --dynamic --defined-only "$1" | awk '{ print $NF }')
grep -q '^cvy_' <<<"$names" || { echo "$1 shows nothing at all"; exit 1; }
! grep -vE '^cvy_|^\.gomp_critical_user_|^__st(art|op)___sancov_' <<<"$names"
