#compdef udml-gpu
# Completion of udml-gpu in zsh: put this file as _udml-gpu into a folder of fpath, or source it after compinit.
_udml_gpu() {
    local program=${(Q)words[1]/#\~/$HOME} answer line value
    local -a typed described folders
    typed=("${(@Q)words[2,CURRENT]}")
    answer=$("$program" __complete "${typed[@]}" 2>/dev/null)
    for line in "${(@f)answer}"; do
        value=${line%%$'\t'*}
        case $value in
            '') ;;
            :files) _files; return ;;
            */) folders+=("$value") ;;
            *) described+=("${value//:/\\:}:${${line#*$'\t'}#$value}") ;;
        esac
    done
    (( $#folders )) && compadd -S '' -- "${folders[@]}"
    (( $#described )) && _describe 'udml-gpu' described
    (( $#folders + $#described ))
}
if [[ $funcstack[1] == _udml-gpu ]]; then
    _udml_gpu "$@"
else
    compdef _udml_gpu udml-gpu
fi
