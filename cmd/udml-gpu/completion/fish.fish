# Completion of udml-gpu in fish: put this file into ~/.config/fish/completions/ as udml-gpu.fish.
function __udml_gpu_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l found ($program __complete $words "$current" 2>/dev/null)
    if contains -- :files $found
        __fish_complete_path "$current"
    else if set -q found[1]
        printf '%s\n' $found
    end
end
complete -c udml-gpu -f -a '(__udml_gpu_complete)'
