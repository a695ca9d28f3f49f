#!/usr/bin/env bash
# scripts/mpich.sh [CONVOY [CASE...]]: builds the module for MPI with MPICH in a temporary folder, and runs the tests
# of several ranks (tests/cli/ranks.sh, all cases or those named) with MPICH's launcher; "table" instead of a case is
# scripts/ranks.sh, with its parts after it. CONVOY is a program that is built (build/convoy); the other module, and which
# MPI mpirun and mpicc belong to, stay what they are. Debian: mpich, libmpich-dev, which can be installed beside Open
# MPI. MPICH's ranks wait by asking again and again, so give each of the seven a core, or expect minutes.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

convoy=$(readlink -f "${1:-build/convoy}")
cases=("${@:2}")
folder=$(mktemp -d)
trap 'say_where_it_failed; rm -rf "$folder"' EXIT

[ -x "$convoy" ] || { complain "$convoy: not a program; build convoy first"; exit 1; }
need_packages mpich libmpich-dev

step "build the module"
mpicc.mpich -O2 -Wall -Wextra -fPIC -shared -fvisibility=hidden -Iinclude -Isrc src/comm/mpi_module.c \
    -o "$folder/convoy_mpi.so"
export CONVOY_MPI_MODULE=$folder/convoy_mpi.so CONVOY_TEST_LAUNCHER=mpiexec.mpich

if [ "${cases[0]:-}" = table ]; then
    step "a table of ranks and threads"
    scripts/ranks.sh "$convoy" "${cases[@]:1}"
    exit
fi

step "find what checks JSON"
check_json=$(dirname "$convoy")/tests/check_json
[ -x "$check_json" ] || { complain "$check_json: missing; build with the tests"; exit 1; }

step "tests"
CONVOY_PROGRAM=$convoy CONVOY_CHECK_JSON=$check_json bash tests/cli/ranks.sh "${cases[@]}"
