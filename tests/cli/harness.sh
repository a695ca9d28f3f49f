# What the scripts here share: sourced with bash. A script defines functions case_NAME and ends with
# run_cases. Each case runs alone, in a temporary folder of its own. It ends at the first expectation
# that is not met. One TAP line says what became of it, on stdout and in the file $CONVOY_TAP.
set -uo pipefail

# Started in the background, or under nohup, a shell and all that it starts would ignore signals that are tested.
[ -z "$(trap -p INT QUIT HUP TERM PIPE)" ] || exec env --default-signal=INT,QUIT,HUP,TERM,PIPE bash "$0" "$@"

convoy=${CONVOY_PROGRAM:?names the program to test}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tests=${here%/cli}
export LC_ALL=C
unset OMP_NUM_THREADS CONVOY_ISA CONVOY_GEMM

# --- running the program ---

# Run a command in the case's folder: its stdout, stderr and exit status are afterwards in the files
# out and err, which lie outside of that folder, and in $status.
run() {
    "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    status=$?
}

fail() {
    printf '# %s\n' "$@"
    printf '# status %s; stdout and stderr:\n' "${status:-none}"
    head -c 2000 "$scratch/out" "$scratch/err" 2>/dev/null | sed 's/^/#   /'
    exit 1
}

# Whether the program links library $1. Not by a pipe into grep -q: with pipefail, ldd may die of SIGPIPE.
links() {
    [[ $(ldd "$convoy") == *"$1"* ]]
}

# By the names of their functions: clang links them into the program, gcc loads them.
has_sanitizer() {
    grep -qE '__(asan|tsan)_init' "$convoy"
}

skip() {
    printf '%s\n' "$*" >"$scratch/skipped"
    exit 77
}

# works ARGUMENTS...: convoy with them ends well.
works() {
    run "$convoy" "$@"
    [ "$status" -eq 0 ] || fail "convoy $*: expected status 0"
}

# refuses STATUS WORDS ARGUMENTS...: convoy with them ends with STATUS, prints nothing on stdout and
# one line "convoy: ... WORDS ..." on stderr, or two if advice follows, and leaves no new file.
refuses() {
    local expected=$1 words=$2 before
    shift 2
    before=$(list_files)
    run "$convoy" "$@"
    [ "$status" -eq "$expected" ] || fail "convoy $*: expected status $expected"
    [ ! -s "$scratch/out" ] || fail "convoy $*: expected nothing on stdout"
    expect_one_error "$words"
    [ "$(list_files)" = "$before" ] || fail "convoy $*: left files behind:" "$(list_files)"
}

expect_one_error() {
    local lines found
    mapfile -t lines <"$scratch/err"
    found=$(IFS=$'\n' && printf '%s' "${lines[*]}")
    [[ ${#lines[@]} -le 2 && ${lines[0]-} == 'convoy: '* && ${lines[1]-} != 'convoy: '* ]] ||
        fail "expected one line that begins with \"convoy: \", and at most a line of advice"
    [[ $found == *"$1"* ]] || fail "stderr: expected the words: $1"
}

# The names of all files and folders here. Without a process of its own: some scripts ask a thousand times.
list_files() {
    local names
    shopt -s globstar dotglob nullglob
    names=(**)
    shopt -u globstar dotglob nullglob
    printf '%s\n' "${names[@]}"
}

# --- looking at what came out ---

out_has() {
    grep -qE -- "$1" "$scratch/out" || fail "stdout: expected $1"
}

err_has() {
    grep -qE -- "$1" "$scratch/err" || fail "stderr: expected $1"
}

err_is_empty() {
    [ ! -s "$scratch/err" ] || fail "expected nothing on stderr"
}

# equal WHAT FOUND EXPECTED
equal() {
    [ "$2" = "$3" ] || fail "$1: expected: $3" "found: $2"
}

same_files() {
    cmp "$1" "$2" >"$scratch/cmp" || fail "$1 and $2 differ: $(cat "$scratch/cmp")"
}

# The names of all members of the JSON on stdout, in order, in one line.
json_keys() {
    grep -oE '"[^"]*":' "$scratch/out" | tr -d '":' | paste -sd ' '
}

# The text or number of the JSON's first member of a name.
json_value() {
    grep -oE "\"$1\":(\"[^\"]*\"|[^],}[{]*)" "$scratch/out" | head -n 1 | sed -e 's/^[^:]*://' -e 's/"//g'
}

# fits_schema NAME [FILE [MEMBER]]: the JSON in FILE, or on stdout, or a member of it, is as
# tests/cli/NAME.schema.json says.
fits_schema() {
    "${CONVOY_CHECK_JSON:?names the program that checks}" "$tests/cli/$1.schema.json" \
        "${2:-$scratch/out}" "${@:3}" >"$scratch/schema" 2>&1 ||
        fail "not as $1.schema.json says:" "$(cat "$scratch/schema")"
}

# below A B: whether the number A is less than B.
below() {
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 < b + 0) }'
}

# --- making files ---

# bytes OCTAL...: one byte each.
bytes() {
    local byte
    for byte in "$@"; do
        # shellcheck disable=SC2059
        printf "\\$byte"
    done
}

# A number as 4 bytes, the highest first.
be32() {
    local text
    printf -v text '\\x%02x\\x%02x\\x%02x\\x%02x' \
        $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255))
    printf '%b' "$text"
}

# A number as 8 bytes, the lowest first.
le64() {
    local text='' i byte
    for i in 0 1 2 3 4 5 6 7; do
        printf -v byte '\\x%02x' $(($1 >> 8 * i & 255))
        text+=$byte
    done
    printf '%b' "$text"
}

# digits TRAIN TEST: built-in data of that size.
digits() {
    printf 'digits:train=%s,test=%s' "$1" "$2"
}

# A trained model of the name $1, small and quickly made.
make_model() {
    works train --quiet --model mlp --data "$(digits 1000 20)" --epochs 2 --output "$1"
}

# --- cases ---

# One case in a subshell. Its exit status tells: 0 good, 77 skipped, anything else bad.
run_case() {
    local number=$1 name=$2 ending line start seconds
    rm -rf "$scratch"/*
    mkdir "$scratch/folder"
    start=${EPOCHREALTIME/./}
    (cd "$scratch/folder" && "case_$name") >"$scratch/notes" 2>&1
    ending=$?
    printf -v seconds %.2f "$(((${EPOCHREALTIME/./} - start) / 10000))e-2"
    case $ending in
    0) line="ok $number - $name (${seconds}s)" passed=$((passed + 1)) ;;
    77) line="ok $number - $name # SKIP $(cat "$scratch/skipped")" ;;
    *) line="not ok $number - $name (${seconds}s)" failed=$((failed + 1)) ;;
    esac
    printf '%s\n' "$line" | tee -a "$tap"
    [ "$ending" -eq 0 ] || [ "$ending" -eq 77 ] || cat "$scratch/notes"
}

# Every function case_NAME in the order of the script, or those that the script was given as arguments; --without NAME...
# leaves out those that follow.
run_cases() {
    local names=("$@") number=0
    passed=0 failed=0
    if [ "${#names[@]}" -eq 0 ] || [ "${names[0]}" = --without ]; then
        mapfile -t names < <(sed -n 's/^case_\([a-z0-9_]*\)() {$/\1/p' "$0" | grep -vxF -e "$(printf '%s\n' "$@")")
    fi
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/convoy-cli-XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    tap=${CONVOY_TAP:-/dev/null}
    printf '1..%d\n' "${#names[@]}" | tee "$tap"
    for name in "${names[@]}"; do
        run_case $((++number)) "$name"
    done
    [ "$failed" -eq 0 ] || exit 1
    [ "$passed" -gt 0 ] || exit 77
    exit 0
}
