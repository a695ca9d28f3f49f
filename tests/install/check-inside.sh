#!/usr/bin/env bash
# convoy as a part of other projects, in the source folder $1 with the C compiler $2: by add_subdirectory
# and by FetchContent, in a project without C; built in two places to the same bytes; with and without a
# shared library; with absolute folders to install to.
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
    cp -r "$source"/{CMakeLists.txt,CHANGELOG.md,LICENSE,README.md,cmake,include,models,src} "$1"
}

quietly() {
    "$@" >"$scratch/log" 2>&1 || fail "$* failed:" "$(tail -n 20 "$scratch/log")"
}

# configure FOLDER OPTIONS...: convoy alone. Only one instruction set, not optimized: it builds faster.
fast=(-DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=None -DCONVOY_GENERIC=ON)
configure() {
    quietly cmake -S "$source" -B "$scratch/$1" "${fast[@]}" "${@:2}"
}

# inside FOLDER OPTIONS...: builds a project around a copy of convoy, and runs its programs.
inside() {
    copy_to "$scratch/$1/copy/convoy"
    mkdir "$scratch/$1/around"
    cp "$here/inside/CMakeLists.txt" "$here/main.cpp" "$scratch/$1/around"
    quietly cmake -S "$scratch/$1/around" -B "$scratch/$1/build" "${fast[@]}" \
        -DCONVOY="$scratch/$1/copy/convoy" "${@:2}"
    quietly cmake --build "$scratch/$1/build" --parallel "$(nproc)"
    local program printed
    for program in with_either with_static; do
        printed=$("$scratch/$1/build/$program")
        [ "$printed" = "100 digits" ] || fail "$1: $program prints $printed"
    done
    ! find "$scratch/$1/build" -name convoy.1 -o -name test_\* | grep . || fail "$1: more than the library"
}

inside one
inside another/place/with/a/longer/name -DFETCH=ON
cmp "$scratch"/{one,another/place/with/a/longer/name}/build/convoy/src/libconvoy.so.0.1.0 2>/dev/null ||
    cmp "$scratch/one/build/convoy/src/libconvoy.so" \
        "$(find "$scratch/another" -name libconvoy.so)" || fail "built in two places, two libraries"
echo "inside other projects: works, and the same bytes in two places"

configure static -DBUILD_SHARED_LIBS=OFF
! cmake --build "$scratch/static" --target help | grep -qE '^\.\.\. convoy$|^convoy:' || fail "OFF: a shared library"
grep -q '^Requires: hwloc jansson libcrypto zlib$' "$scratch/static/convoy.pc" || fail "OFF: $(cat "$scratch/static/convoy.pc")"
configure shared -DBUILD_SHARED_LIBS=ON
grep -q 'convoyStaticTargets' "$scratch/shared/cmake_install.cmake" && fail "ON: installs the static library"
grep -q '^Requires.private: hwloc jansson libcrypto zlib$' "$scratch/shared/convoy.pc" || fail "ON: no Requires.private"
echo "BUILD_SHARED_LIBS: honoured"

configure absolute -DCMAKE_INSTALL_PREFIX=/out -DCMAKE_INSTALL_LIBDIR=/lib-out/lib \
    -DCMAKE_INSTALL_INCLUDEDIR=/dev-out/include
equal() {
    local found
    found=$(PKG_CONFIG_PATH=$scratch/absolute pkg-config "${@:2}" convoy)
    [ "$found" = "$1" ] || fail "pkg-config ${*:2}: found $found, expected $1"
}
equal /dev-out/include --variable=includedir
equal /lib-out/lib --variable=libdir
equal /out --variable=prefix
echo "absolute folders: in convoy.pc as given"

# Types that two files declare differently are only seen across files.
configure lto -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON -DCONVOY_MANUAL=OFF
quietly cmake --build "$scratch/lto" --target convoy_program --parallel "$(nproc)"
! grep 'warning:' "$scratch/log" || fail "LTO warns"
quietly "$scratch/lto/convoy" train --data digits:train=20,test=10 --steps 1 --output "$scratch/m.safetensors"
echo "link-time optimization: no warnings"
