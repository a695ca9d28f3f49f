#!/usr/bin/env bash
# Makes the Debian package in build-package/, looks at it with lintian, whose errors count, and tries it in
# a bare Debian root: installs it with apt, trains and predicts, builds a C program with it, and removes it.
# Debian only, as root.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build=$PWD/build-package root=$PWD/build-package/root
need_packages "${build_packages[@]}" debootstrap dpkg-dev file gzip lintian

step "package"
# Without the module for MPI, which would make the package depend on one MPI of several.
cmake -B "$build" -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_BUILD_TYPE=Release -DCONVOY_MPI=off
cmake --build "$build" --parallel "$(nproc)"
rm -f "$build"/*.deb
(cd "$build" && cpack -G DEB)
package=$(echo "$build"/convoy_*.deb)

step "inside other projects, and in two places"
bash tests/install/check-inside.sh . gcc all

step "lintian"
lintian --allow-root --fail-on error --tag-display-limit 0 "$package"

step "a bare Debian root"
if [ ! -e "$build/root.done" ]; then
    rm -rf "$root"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$(debian_mirror)" >"$build/debootstrap.log"
    cp /etc/apt/apt.conf.d/99* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
    cp /etc/resolv.conf "$root/etc/"
    touch "$build/root.done"
fi
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
trap 'say_where_it_failed; umount "$root/proc"' EXIT
cp "$package" "$root/tmp/convoy.deb"
rm -rf "$root/tmp/install"
cp -r tests/install "$root/tmp/"
cp -r datasets/pictures "$root/tmp/"
inside() {
    chroot "$root" env DEBIAN_FRONTEND=noninteractive "$@"
}

step "install"
inside apt-get -q update
inside apt-get -q install -y --no-install-recommends /tmp/convoy.deb cmake gcc libc6-dev make pkg-config \
    libhwloc-dev libjansson-dev libssl-dev zlib1g-dev liblept5
inside dpkg -L convoy >"$build/files"

step "use"
inside convoy --version
inside convoy train --epochs 1 --data digits:train=2000,test=200 --output /tmp/model.safetensors
inside convoy evaluate /tmp/model.safetensors --data digits:train=20,test=200
inside convoy predict /tmp/model.safetensors /tmp/pictures
inside sh -c 'gcc /tmp/install/main.c $(pkg-config --cflags --libs convoy) -o /tmp/main && /tmp/main'
inside cmake -S /tmp/install -B /tmp/install/build
inside cmake --build /tmp/install/build
for program in with_shared with_static; do
    [ "$(inside "/tmp/install/build/$program")" = "100 digits" ]
done

step "manual page and completions"
inside gzip -dc /usr/share/man/man1/convoy.1.gz | grep '^\.SS "convoy train '
inside bash -c '. /usr/share/bash-completion/completions/convoy
    COMP_LINE="convoy train --optimizer ada" COMP_POINT=28
    _convoy
    printf "%s\n" "${COMPREPLY[@]}"' | grep -x 'adamw *'
inside test -e /usr/share/zsh/vendor-completions/_convoy
inside test -e /usr/share/fish/vendor_completions.d/convoy.fish

step "remove"
inside apt-get -q purge -y convoy
left=0
while read -r file; do
    [ -d "$root$file" ] || [ ! -e "$root$file" ] || { complain "left behind: $file"; left=1; }
done <"$build/files"
[ "$left" -eq 0 ] && ! inside test -e /usr/share/convoy -o -e /usr/include/convoy

step "packed, installed, used and removed: ${package##*/}"
