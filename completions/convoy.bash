# Completion of convoy for bash. The program says what fits, from its own tables: convoy help --complete.

_convoy() {
    local line=${COMP_LINE:0:COMP_POINT} words current head candidate
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    current=${words[${#words[@]} - 1]}
    # bash replaces only what lies behind the last of its word breaks
    head=${current%"${current##*[:=]}"}
    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        case $candidate in
        :files*) _convoy_files "${current:${#head}}" ${candidate#:files} ;;
        :folders) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -S / -d -- "${current:${#head}}") ;;
        *) COMPREPLY+=("${candidate:${#head}}") ;;
        esac
    done < <("${words[0]}" help --complete "${words[@]:1}" 2>/dev/null)
    # more is to come behind these
    [[ "${COMPREPLY[*]}" == *[=/] ]] && compopt -o nospace 2>/dev/null
}

# _convoy_files BEGINNING [ENDING...]: files of these endings, and folders on the way to them.
_convoy_files() {
    local name ending
    while read -r name; do
        if [[ -d $name ]]; then
            COMPREPLY+=("$name/")
        elif [[ $# -eq 1 ]]; then
            COMPREPLY+=("$name")
        else
            for ending in "${@:2}"; do
                [[ $name == *"$ending" ]] && COMPREPLY+=("$name")
            done
        fi
    done < <(compgen -f -- "$1")
}

complete -F _convoy convoy
