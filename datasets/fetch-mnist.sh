#!/bin/sh
# Fetch the four files of MNIST, check them against their SHA-256 and put them into a folder.
# Files that are there and whole are left alone, so that it can be run again at any time.
set -eu

sums='71524e2cd1ad2968737f7f2f2ff69cbfc32df8ccddff51593f7cb2d4e0eb5b64 train-images-idx3-ubyte.gz
fe03b8bd7915f70bf5aa08be480aa413fbd85afcaa58b35d230d335f284fd88e train-labels-idx1-ubyte.gz
5634745efa576a17e7d4cf5cd9d09123c75e6538e5114267c2d156edaf519341 t10k-images-idx3-ubyte.gz
ae18e77e031ccde52407f794d123116439864147d33ac992975f85dd4dc42af6 t10k-labels-idx1-ubyte.gz'
mirrors='https://storage.googleapis.com/cvdf-datasets/mnist/
https://ossci-datasets.s3.amazonaws.com/mnist/'
folder=$(dirname "$0")/mnist

usage() {
    cat <<'EOF'
usage: fetch-mnist.sh [--to FOLDER] [--mirror URL]...

  --to FOLDER    where the files go (default: the folder mnist beside this script)
  --mirror URL   where they are looked for, instead of the usual places; may be repeated;
                 http, https, ftp or file
EOF
}

fail() {
    echo "fetch-mnist.sh: $*" >&2
    exit 1
}

wrong_usage() {
    echo "fetch-mnist.sh: $*" >&2
    usage >&2
    exit 2
}

own_mirrors=
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage; exit 0 ;;
    --to | --mirror) [ $# -ge 2 ] && [ -n "$2" ] || wrong_usage "$1 needs a value" ;;
    *) wrong_usage "unknown option $1" ;;
    esac
    case $1 in
    --to) folder=$2 ;;
    --mirror)
        own_mirrors="$own_mirrors$2
" ;;
    esac
    shift 2
done
[ -z "$own_mirrors" ] || mirrors=$own_mirrors

command -v sha256sum >/dev/null || fail "sha256sum is missing; it is part of GNU coreutils"

download() { # URL FILE
    case $1 in
    file://*) cp "${1#file://}" "$2" ;;
    *)
        if command -v curl >/dev/null; then
            curl --fail --location --silent --show-error --max-time 600 --output "$2" "$1"
        elif command -v wget >/dev/null; then
            wget --quiet --tries 2 --timeout 60 --output-document "$2" "$1"
        else
            fail "neither curl nor wget is there; apt-get install curl"
        fi
        ;;
    esac
}

is_whole() { # FILE SUM
    [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$2" ]
}

fetch() { # NAME SUM, into $folder; tries the mirrors one after the other
    while read -r mirror; do
        [ -n "$mirror" ] || continue
        url=${mirror%/}/$1
        echo "$url"
        if ! download "$url" "$partial"; then
            echo "fetch-mnist.sh: $url: not fetched" >&2
        elif ! is_whole "$partial" "$2"; then
            echo "fetch-mnist.sh: $url: $(wc -c <"$partial") bytes that are not $1 (SHA-256 differs)" >&2
        else
            chmod 644 "$partial"
            mv "$partial" "$folder/$1"
            return 0
        fi
    done <<EOF
$mirrors
EOF
    return 1
}

made=
[ -d "$folder" ] || made=$folder
mkdir -p "$folder" || fail "$folder: cannot be made"
[ -w "$folder" ] || fail "$folder: cannot be written to"
partial=$folder/.fetch-mnist.$$
trap 'rm -f "$partial"; [ -z "$made" ] || rmdir "$made" 2>/dev/null || :' EXIT
trap 'exit 1' HUP INT TERM

while read -r sum name; do
    if [ -f "$folder/$name" ] && is_whole "$folder/$name" "$sum"; then
        echo "$folder/$name: there already"
    else
        fetch "$name" "$sum" || fail "$name: no mirror gave it; --mirror URL names another"
    fi
done <<EOF
$sums
EOF
echo "MNIST is in $folder: convoy train --data $folder"
