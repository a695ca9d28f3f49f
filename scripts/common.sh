# What quickstart.sh and test.sh share: steps that say where they failed, and packages.
# Sourced with bash; the caller then stands in the root of the checkout.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

current_step="look for what is missing"

step() {
    current_step=$1
    printf '\n== %s\n' "$1"
}

complain() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

say_where_it_failed() {
    local status=$?
    [ "$status" -eq 0 ] || complain "failed (status $status) in this step: $current_step"
}
trap say_where_it_failed EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Whether what a Debian package brings is here, on Debian or elsewhere.
is_there() {
    if command -v dpkg-query &&
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$1")" = installed ]; then
        return 0
    fi
    case $1 in
    gcc | g++ | make | cmake | pkg-config | clang-14 | clang-format-14) command -v "$1" ;;
    libc6-dbg) [ -e /usr/lib/debug/.build-id ] ;; # names of functions inside, for leak-suppressions.txt
    libc6-dev) [ -e /usr/include/stdlib.h ] ;;
    zlib1g-dev) pkg-config --exists zlib ;;
    libssl-dev) pkg-config --exists libcrypto ;;
    libjansson-dev) pkg-config --exists jansson ;;
    libhwloc-dev) pkg-config --exists hwloc ;;
    libleptonica-dev) pkg-config --exists lept ;;
    gnuplot-nox) command -v gnuplot ;;
    zsh | fish) command -v "$1" ;;
    chromium) command -v chromium || command -v chromium-browser ;;
    libcriterion-dev) pkg-config --exists criterion ;;
    libstb-dev) [ -e /usr/include/stb/stb_image.h ] ;;
    libclang-rt-14-dev) compgen -G '/usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a' ;;
    llvm-14) command -v llvm-symbolizer || [ -x /usr/lib/llvm-14/bin/llvm-symbolizer ] ;;
    libomp-14-dev) [ -e /usr/lib/llvm-14/lib/libomp.so ] ;;
    libopenmpi-dev) pkg-config --exists ompi || command -v mpicc ;;
    libudev-dev) pkg-config --exists libudev ;;
    openmpi-bin) command -v mpirun ;;
    libmpich-dev) command -v mpicc.mpich ;;
    mpich) command -v mpiexec.mpich ;;
    qemu-user) command -v qemu-x86_64 ;;
    libopenblas0-openmp) ldconfig -p | grep -q 'libopenblaso\?\.so\.0' ;;
    *) false ;;
    esac
} >/dev/null 2>&1

# Installs those of the named packages that are missing, or says which they are and stops.
need_packages() {
    local missing=() as_root=() package
    for package in "$@"; do
        is_there "$package" || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0

    if ! command -v apt-get >/dev/null; then
        complain "missing, by their Debian names: ${missing[*]}"
        complain "install them with the package manager of this system and run $0 again"
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            complain "missing, and neither root nor sudo to install them; as root, run:"
            complain "    apt-get install ${missing[*]}"
            exit 1
        fi
        as_root=(sudo)
    fi
    step "install ${missing[*]}"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q
        -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
}

# Where this machine gets its Debian packages from, for debootstrap.
debian_mirror() {
    local found
    found=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
        sed -nE 's/^(URIs:|deb( \[[^]]*\])?) *(https?:[^ ]+).*/\3/p' | grep -vm1 security) || true
    echo "${found:-http://deb.debian.org/debian}"
}

build_packages=(gcc libc6-dev make cmake pkg-config zlib1g-dev libssl-dev libjansson-dev libhwloc-dev
    libleptonica-dev libstb-dev)
