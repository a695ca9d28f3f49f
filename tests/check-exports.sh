#!/usr/bin/env bash
# The shared library given as $1 shows names that begin with cvy_, and no others.
set -euo pipefail

names=$(nm --dynamic --defined-only "$1" | awk '{ print $NF }')
grep -q '^cvy_' <<<"$names" || { echo "$1 shows nothing at all"; exit 1; }
! grep -v '^cvy_' <<<"$names"
