#!/usr/bin/env bash
# The examples of docs/ and README.md are run: every block marked ```sh, page by page, in an empty folder.
# Blocks with output (```) and C code are not. Links to files of the checkout must lead somewhere.
set -euo pipefail

root=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
ln -s "$CONVOY_PROGRAM" "$scratch/bin/convoy"
export PATH="$scratch/bin:$PATH"
failed=0

sh_blocks() {
    awk '/^```sh$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$1"
}

check_links() {
    local page=$1 link
    while read -r link; do
        case $link in
        http* | '#'*) continue ;;
        esac
        if [ ! -e "$(dirname "$page")/${link%%#*}" ]; then
            printf '%s: link to %s leads nowhere\n' "$page" "$link"
            failed=1
        fi
    done < <(grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//; s/)$//')
}

for page in README.md docs/*.md; do
    check_links "$page"
    sh_blocks "$page" >"$scratch/commands"
    [ -s "$scratch/commands" ] || continue
    mkdir "$scratch/here"
    if ! (cd "$scratch/here" && bash -euo pipefail "$scratch/commands") >"$scratch/output" 2>&1 </dev/null; then
        printf '%s: an example fails:\n' "$page"
        tail -20 "$scratch/output"
        failed=1
    fi
    rm -rf "$scratch/here"
done
cd "$root"
exit $failed
