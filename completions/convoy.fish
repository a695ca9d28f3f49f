# Completion of convoy for fish. The program says what fits, from its own tables: convoy help --complete.

function __convoy_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] help --complete $words[2..-1] $current 2>/dev/null)
        switch $line
            case ':folders'
                __fish_complete_directories $current ''
            case ':files'
                __fish_complete_path $current
            case ':files *'
                for ending in (string split ' ' -- (string replace ':files ' '' -- $line))
                    __fish_complete_suffix $ending
                end
            case '*'
                echo $line
        end
    end
end

complete -c convoy -f -a '(__convoy_complete)'
