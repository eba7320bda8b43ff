# Completion of udml-gpu in bash: source this file, or put it into ~/.local/share/bash-completion/completions/ as udml-gpu.
_udml_gpu() {
    local line=() glued= word i candidate prefix=
    # bash takes = for a word of its own; here --flag=value is one
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ ( $word == "=" || $glued ) && ${#line[@]} -gt 0 ]]; then
            line[${#line[@]}-1]+=$word
            glued=
            [[ $word == "=" ]] && glued=1
        else
            line+=("$word")
        fi
    done
    [[ ${line[${#line[@]}-1]} == -*=* ]] && prefix=${line[${#line[@]}-1]%%=*}=
    COMPREPLY=()
    while IFS= read -r candidate; do
        candidate=${candidate%%$'\t'*}
        [[ $candidate == :files ]] && return # bash itself completes names of files then
        [[ $candidate == */ ]] && compopt -o nospace
        COMPREPLY+=("$(printf %q "${candidate#"$prefix"}")")
    done < <("${COMP_WORDS[0]/#\~/$HOME}" __complete "${line[@]}" 2>/dev/null)
}
complete -o bashdefault -o default -F _udml_gpu udml-gpu
