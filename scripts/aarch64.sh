#!/usr/bin/env bash
# Once per release: cross-compiles convoy for 64-bit Arm in build-aarch64/ (without an emulator, the manual
# page included), then compares the weights that 1 and 2 threads learn under qemu-aarch64, with each other and with those
# of other processors, and runs the unit tests. Debian only, as root; the libraries for Arm come
# from a folder that debootstrap fills.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build=$PWD/build-aarch64 root=$PWD/build-aarch64/root
mkdir -p "$build"
need_packages "${build_packages[@]}" debootstrap gcc-aarch64-linux-gnu qemu-user

step "libraries for Arm in $root"
if [ ! -e "$build/root.done" ]; then
    libraries=(libgomp1 libcriterion-dev)
    for package in "${build_packages[@]}"; do
        [[ $package != lib* ]] || libraries+=("$package")
    done
    rm -rf "$root"
    debootstrap --arch=arm64 --foreign --variant=minbase \
        --include="$(IFS=,; echo "${libraries[*]}")" bookworm "$root" "$(debian_mirror)" >"$build/debootstrap.log"
    for package in "$root"/var/cache/apt/archives/*.deb; do
        dpkg-deb -x "$package" "$root"
    done
    # links to absolute paths would lead out of the folder
    find "$root/usr/lib/aarch64-linux-gnu" -maxdepth 1 -type l -lname '/*' | while read -r link; do
        ln -sfr "$root$(readlink "$link")" "$link"
    done
    touch "$build/root.done"
fi

# the emulator takes a path from this folder where it is there: one /tmp would become two
rm -rf "$root/tmp" "$root/var/tmp"

step "build"
cmake -B "$build" --toolchain cmake/aarch64-linux-gnu.cmake -DCONVOY_SYSROOT="$root" \
    -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=ON -DCMAKE_COMPILE_WARNING_AS_ERROR=ON \
    -DCMAKE_C_FLAGS=-DCONVOY_IS_EMULATED
cmake --build "$build" --parallel "$(nproc)"
file=$(head -c 20 "$build/convoy" | od -An -tx1 | tr -d ' \n')
[ "${file:36:4}" = b700 ] # ELF's number of aarch64
grep -q '^\.SS "convoy train ' "$build/convoy.1"

step "the same weights with 1 and 2 threads"
for model in lenet5 mlp; do
    digests=$(for threads in 1 2; do
        qemu-aarch64 -L "$root" "$build/convoy" train --quiet --json --model "$model" --steps 4 \
            --data digits:train=200,test=20 --threads $threads --output "$build/model.safetensors" |
            grep -o '"weights_sha256":"[0-9a-f]*"'
    done)
    echo "$model" $digests
    [ "$(sort -u <<<"$digests" | wc -l)" -eq 1 ]
done

step "the weights that other processors learn"
for model in lenet5 cnn_bn; do
    digest=$(sed -n "s/^$model=//p" tests/cli/digests.sh)
    [ -n "$digest" ] || { complain "tests/cli/digests.sh names no digest of $model"; exit 1; }
    qemu-aarch64 -L "$root" "$build/convoy" train --quiet --json --model "${model//_/-}" --epochs 1 \
        --data digits:train=160,test=16 --output "$build/model.safetensors" |
        grep -F "\"weights_sha256\":\"$digest\"" >/dev/null
    echo "$model $digest"
done

# A Criterion program starts itself again for each test; that has to be emulated as well.
cat >"$build/emulate.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

int execve(const char *path, char *const arguments[], char *const environment[])
{
    char *emulated[64] = { getenv("EMULATOR"), "-L", getenv("EMULATOR_ROOT"), "-0", arguments[0],
                           (char *)path };
    int (*next)(const char *, char *const *, char *const *) = dlsym(RTLD_NEXT, "execve");

    for (int i = 1; i < 50 && arguments[i] != NULL; i++)
        emulated[5 + i] = arguments[i];
    return next(emulated[0], emulated, environment);
}
END
aarch64-linux-gnu-gcc --sysroot="$root" -shared -fPIC "$build/emulate.c" -o "$build/emulate.so"
EMULATOR=$(command -v qemu-aarch64)
export EMULATOR EMULATOR_ROOT=$root

passed=0
for program in "$build"/tests/test_unit_* "$build"/tests/test_kernels "$build"/tests/test_gradients; do
    name=${program##*/test_}
    case $name in
    unit_cli | unit_machine | unit_study | unit_scaling | unit_report) continue ;; # slow, and not of the library
    esac
    step "$name under qemu-aarch64"
    chosen=()
    # the emulator does not enforce the limit of memory that this suite relies on
    [ "$name" != unit_base ] || chosen=(--filter '!(text_stream)/*')
    status=0
    qemu-aarch64 -L "$root" -E LD_PRELOAD="$build/emulate.so" "$program" --jobs 1 "${chosen[@]}" \
        >"$build/$name.log" 2>&1 || status=$?
    result=$(grep -a '^\[====\] Synthesis' "$build/$name.log" | sed 's/\x1b\[[0-9;]*m//g' || true)
    echo "$result"
    count=$(sed -n 's/.*Tested: \([0-9]*\) .*/\1/p' <<<"$result")
    [ "$status" -eq 0 ] && [ "${count:-0}" -gt 0 ] || { tail -n 30 "$build/$name.log"; exit 1; }
    passed=$((passed + count))
done

step "$passed unit tests passed on aarch64"
