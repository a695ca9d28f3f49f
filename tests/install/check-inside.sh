#!/usr/bin/env bash
# convoy as a part of other projects, in the source folder $1 with the C compiler $2: by add_subdirectory
# and by FetchContent, in a project without C; with link-time optimization; with and without a shared library; with
# absolute folders to install to. If $3 is "all", as before a release, the program with link-time optimization too, and
# built in two places to the same bytes.
set -euo pipefail

source=$(cd "$1" && pwd) compiler=$2 scratch=$(mktemp -d)
here=$source/tests/install
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "$*"
    exit 1
}

# copy_to FOLDER: the source, without tests and what was built.
copy_to() {
    mkdir -p "$1"
    cp -r "$source"/{CMakeLists.txt,CHANGELOG.md,LICENSE,README.md,cmake,include,models,recipes,src} "$1"
}

quietly() {
    "$@" >"$scratch/log" 2>&1 || fail "$* failed:" "$(tail -n 20 "$scratch/log")"
}

# configure FOLDER OPTIONS...: convoy alone. Only one instruction set, not optimized: it builds faster.
fast=(-DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=None -DCONVOY_GENERIC=ON)
configure() {
    quietly cmake -S "$source" -B "$scratch/$1" "${fast[@]}" "${@:2}"
}

# Types that two files declare differently are only seen across files, so with link-time optimization.
across=(-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON -DCONVOY_MANUAL=OFF)

# inside FOLDER OPTIONS...: configures a project around a copy of convoy.
inside() {
    copy_to "$scratch/$1/copy/convoy"
    mkdir "$scratch/$1/around"
    cp "$here/inside/CMakeLists.txt" "$here/main.cpp" "$scratch/$1/around"
    quietly cmake -S "$scratch/$1/around" -B "$scratch/$1/build" "${fast[@]}" "${across[@]}" \
        -DCONVOY="$scratch/$1/copy/convoy" "${@:2}"
}

# What FetchContent makes available is what add_subdirectory builds, so one of the two is built.
inside fetched -DFETCH=ON
! grep '"command".*convoy_' "$scratch/fetched/build/compile_commands.json" | grep -v -- '-Werror .*-Wno-error' ||
    fail "fetched: another project's -Werror holds for convoy"
inside one
quietly cmake --build "$scratch/one/build" --parallel "$(nproc)"
! grep 'warning:' "$scratch/log" || fail "link-time optimization of the library warns"
for program in with_either with_static; do
    printed=$("$scratch/one/build/$program")
    [ "$printed" = "100 digits" ] || fail "$program prints $printed"
done
! find "$scratch/one/build" -name convoy.1 -o -name test_\* | grep . || fail "one: more than the library"
echo "inside other projects: works"

# What would make two places two libraries.
! grep -qF "$scratch" "$(find "$scratch/one/build" -name 'libconvoy.so*' -type f)" || fail "the library names its folder"

if [ "${3:-}" = all ]; then
    elsewhere=$scratch/another/place/with/a/longer/name
    copy_to "$elsewhere"
    quietly cmake -S "$elsewhere" -B "$elsewhere/build" "${fast[@]}" "${across[@]}"
    quietly cmake --build "$elsewhere/build" --target convoy convoy_program --parallel "$(nproc)"
    ! grep 'warning:' "$scratch/log" || fail "link-time optimization of the program warns"
    quietly "$elsewhere/build/convoy" train --data digits:train=20,test=10 --steps 1 --output "$scratch/m.safetensors"
    echo "link-time optimization: no warnings"
    cmp "$(find "$scratch/one/build" -name 'libconvoy.so*' -type f)" "$(find "$elsewhere" -name 'libconvoy.so*' -type f)" ||
        fail "built in two places, two libraries"
    echo "built in two places: the same bytes"
fi

configure static -DBUILD_SHARED_LIBS=OFF
! cmake --build "$scratch/static" --target help | grep -qE '^\.\.\. convoy$|^convoy:' || fail "OFF: a shared library"
grep -q '^Requires: hwloc jansson libcrypto zlib$' "$scratch/static/convoy.pc" || fail "OFF: $(cat "$scratch/static/convoy.pc")"
configure shared -DBUILD_SHARED_LIBS=ON -DCMAKE_INSTALL_PREFIX=/out -DCMAKE_INSTALL_LIBDIR=/lib-out/lib \
    -DCMAKE_INSTALL_INCLUDEDIR=/dev-out/include
grep -q 'convoyStaticTargets' "$scratch/shared/cmake_install.cmake" && fail "ON: installs the static library"
grep -q '^Requires.private: hwloc jansson libcrypto zlib$' "$scratch/shared/convoy.pc" || fail "ON: no Requires.private"
echo "BUILD_SHARED_LIBS: honoured"

equal() {
    local found
    found=$(PKG_CONFIG_PATH=$scratch/shared pkg-config "${@:2}" convoy)
    [ "$found" = "$1" ] || fail "pkg-config ${*:2}: found $found, expected $1"
}
equal /dev-out/include --variable=includedir
equal /lib-out/lib --variable=libdir
equal /out --variable=prefix
echo "absolute folders: in convoy.pc as given"
