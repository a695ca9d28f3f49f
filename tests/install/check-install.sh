#!/usr/bin/env bash
# Installs the build folder $1 to a scratch prefix and builds an outside program against that with
# the compiler $2 and the flags that follow: with the CMake package, from C and from C++ alone, and with
# pkg-config, each shared and static.
set -euo pipefail

build=$1 compiler=$2 flags=("${@:3}")
cxx=${compiler/%gcc/g++} cxx=${cxx/clang/clang++} # its OpenMP library is that of the C compiler
source=$(dirname "$0") scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cmake --install "$build" --prefix "$scratch/prefix" >/dev/null
config=$(find "$scratch/prefix" -name convoy.pc)
export PKG_CONFIG_PATH=${config%/*} LD_LIBRARY_PATH=${config%/pkgconfig/*}

cmake -S "$source" -B "$scratch/cmake" -DCMAKE_PREFIX_PATH="$scratch/prefix" \
    -DCMAKE_C_COMPILER="$compiler" -DCMAKE_C_FLAGS="${flags[*]}" >/dev/null
cmake --build "$scratch/cmake" >/dev/null
for kind in shared static; do
    library=convoy::convoy_static
    [ $kind = static ] || library=convoy::convoy
    cmake -S "$source/cxx" -B "$scratch/cxx-$kind" -DCMAKE_PREFIX_PATH="$scratch/prefix" \
        -DKIND=$kind -DLIBRARY=$library -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_CXX_FLAGS="${flags[*]}" \
        >/dev/null
    cmake --build "$scratch/cxx-$kind" >/dev/null
done
mkdir "$scratch/pkgconfig"
read -ra shared < <(pkg-config --cflags --libs convoy)
read -ra static < <(pkg-config --cflags --libs --static convoy)
static=("${static[@]/#-lconvoy/-l:libconvoy.a}")
"$compiler" "${flags[@]}" "$source/main.c" "${shared[@]}" -o "$scratch/pkgconfig/with_shared"
"$compiler" "${flags[@]}" "$source/main.c" "${static[@]}" -o "$scratch/pkgconfig/with_static"

# The program $1 prints what it should and needs $2 shared libraries of convoy.
check() {
    local printed needed
    printed=$("$scratch/$1")
    needed=$(readelf --dynamic "$scratch/$1" | grep -c 'NEEDED.*libconvoy' || true)
    echo "$1: prints \"$printed\", needs $needed libconvoy.so"
    [ "$printed" = "100 digits" ] && [ "$needed" -eq "$2" ]
}
check cmake/with_shared 1
check cmake/with_static 0
check cxx-shared/with_cxx 1
check cxx-static/with_cxx 0
check pkgconfig/with_shared 1
check pkgconfig/with_static 0

"$scratch/prefix/bin/convoy" --version
test -e "$scratch/prefix/share/convoy/models/lenet5.json"
grep -q '^\.TH CONVOY 1 ' "$scratch/prefix/share/man/man1/convoy.1"
grep -q '^\.SS "convoy train ' "$scratch/prefix/share/man/man1/convoy.1"
for file in bash-completion/completions/convoy zsh/site-functions/_convoy \
    fish/vendor_completions.d/convoy.fish; do
    grep -q 'help --complete' "$scratch/prefix/share/$file"
done
