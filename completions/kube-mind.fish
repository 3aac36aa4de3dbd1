function __kube-mind_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __kube-mind_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __kube-mind_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __kube-mind_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __kube-mind_parse_tokens -S
    set -l unparsed_tokens (__kube-mind_tokens -pc)
    switch $unparsed_tokens[1]
    case 'kube-mind'
        __kube-mind_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'watch'
            __kube-mind_parse_subcommand 0 'config=' 'kubeconfig=' 'context=' 'n/namespace=+' 'l/selector=' 'field-selector=' 'orchestrator=' 'ca=' 'cert=' 'key=' 'tls-server-name=' 'proxy=' 'compression=' 'allow-plaintext' 'outbox=' 'leader-elect=' 'log-level=' 'log-format=' 'set=+' 'preflight' 'o/output=' 'record=' 'simulate' 'speed=' 'version' 'h/help'
        case 'harvest'
            __kube-mind_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'pod'
                __kube-mind_parse_subcommand 1 'n/namespace=' 'c/container=' 'kubeconfig=' 'context=' 'rules=+' 'keys=' 'pseudonyms' 'pseudonym-key=' 'from=' 'tail=' 'config-maps' 'no-config-maps' 'deadline=' 'explain' 'o/output=' 'version' 'h/help'
            case 'pods'
                __kube-mind_parse_subcommand 0 'failing' 'A/all-namespaces' 'n/namespace=' 'l/selector=' 'watch' 'count=' 'kubeconfig=' 'context=' 'rules=+' 'keys=' 'pseudonyms' 'pseudonym-key=' 'from=' 'tail=' 'config-maps' 'no-config-maps' 'deadline=' 'explain' 'o/output=' 'version' 'h/help'
            end
        case 'redact'
            __kube-mind_parse_subcommand -r 1 'format=' 'name=' 'out=' 'in-place' 'report=' 'check' 'explain' 'diff' 'rules=+' 'keys=' 'pseudonyms' 'pseudonym-key=' 'version' 'h/help'
        case 'send'
            __kube-mind_parse_subcommand -r 1 'orchestrator=' 'ca=' 'cert=' 'key=' 'tls-server-name=' 'proxy=' 'compression=' 'allow-plaintext' 'rules=+' 'keys=' 'pseudonyms' 'pseudonym-key=' 'timeout=' 'retry' 'json' 'version' 'h/help'
        case 'replay'
            __kube-mind_parse_subcommand -r 1 'orchestrator=' 'ca=' 'cert=' 'key=' 'tls-server-name=' 'proxy=' 'compression=' 'allow-plaintext' 'rules=+' 'keys=' 'pseudonyms' 'pseudonym-key=' 'mock' 'serve-mock=' 'fault=+' 'speed=' 'rate=' 'loop' 'count=' 'shift-time' 'new-ids=' 'timeout=' 'json' 'version' 'h/help'
        case 'bench'
            __kube-mind_parse_subcommand -r 1 'json' 'runs=' 'pods=' 'failures=' 'interval=' 'updates=' 'serve=' 'version' 'h/help'
        case 'health'
            __kube-mind_parse_subcommand 1 'address=' 'version' 'h/help'
        case 'help'
            __kube-mind_parse_subcommand -r 1 'version'
        end
    end
end

function __kube-mind_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __kube-mind_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __kube-mind_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __kube-mind_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__kube-mind_tokens -p)
    if test -z "$(__kube-mind_tokens -t)"
        set -l index (count (__kube-mind_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'kube-mind' -f
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind" version' -l 'version' -d 'Show the version.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind" -eq 1' -fa 'watch' -d 'Watch pods, and stream each failure to the orchestrator.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind" -eq 1' -fa 'harvest' -d 'Gather the evidence of failing pods, redacted, on standard output.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind" -eq 1' -fa 'redact' -d 'Masks every secret in files, folders or standard input.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind" -eq 1' -fa 'send' -d 'Deliver incidents from files to an orchestrator.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind" -eq 1' -fa 'replay' -d 'Replay captured incidents in their recorded order and spacing.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind" -eq 1' -fa 'bench' -d 'Measure redaction, watch decoding, the whole pipeline, delivery and the outbox.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind" -eq 1' -fa 'health' -d 'Ask a running watch whether it is alive or ready.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" config' -l 'config' -d 'Configuration file (YAML).' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" kubeconfig' -l 'kubeconfig' -d 'Kubeconfig file. Default: KUBECONFIG, then the pod\'s service account, then ~/.kube/config.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" context' -l 'context' -d 'Context of the kubeconfig. Default: its current context.' -rfka '(__kube-mind_custom_completion ---completion watch -- --context (count (__kube-mind_tokens -pc)) (__kube-mind_tokens -tC))'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch"' -l 'namespace' -s 'n' -d 'Namespace to watch; may be repeated. Default: all.' -rfka '(__kube-mind_custom_completion ---completion watch -- --namespace (count (__kube-mind_tokens -pc)) (__kube-mind_tokens -tC))'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" l selector' -s 'l' -l 'selector' -d 'Label selector.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" field-selector' -l 'field-selector' -d 'Field selector, e.g. spec.nodeName=node-1 or metadata.namespace!=dev.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" orchestrator' -l 'orchestrator' -d 'Where to deliver: https://host:port, http://host:port on this machine, or a gRPC target: dns:///host:port, ipv4:address:port,…, ipv6:[address]:port,…, unix:/path.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" ca' -l 'ca' -d 'CA certificates (PEM) for the orchestrator\'s certificate. Default: the system\'s.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" cert' -l 'cert' -d 'Client certificate and chain (PEM), for mTLS.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" key' -l 'key' -d 'Key of the client certificate (PEM).' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" tls-server-name' -l 'tls-server-name' -d 'Name to expect in the orchestrator\'s certificate. Default: the URL\'s host.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" proxy' -l 'proxy' -d 'Proxy on the way, http://user:password@host:port, or none. Default: HTTPS_PROXY, unless NO_PROXY has the host.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" compression' -l 'compression' -d 'none, or gzip for messages of 1 KiB and more where the orchestrator takes it. Default: none.' -rfka 'none gzip'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" allow-plaintext' -l 'allow-plaintext' -d 'Allow http:// to a host that is not this machine. Not for production.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" outbox' -l 'outbox' -d 'Folder that keeps incidents until they are acknowledged, also over restarts. Default: memory.' -rfa '(__kube-mind_complete_directories)'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" leader-elect' -l 'leader-elect' -d 'Whether replicas elect one that acts: true, false, or auto: in a cluster only.' -rfka 'true false auto'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" log-level' -l 'log-level' -d 'trace, debug, info, notice, warning, error or critical.' -rfka 'trace debug info notice warning error critical'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" log-format' -l 'log-format' -d 'json, text or auto.' -rfka 'json text auto'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch"' -l 'set' -d 'Any setting by its path, e.g. --set debounce.window=1m; may be repeated.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" preflight' -l 'preflight' -d 'Say what this identity may do and what each missing right costs, whether the orchestrator is there, when certificates end and whether the clocks agree; then exit: 0 all is there, 4 it works but lacks something, 1 it would not work.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" o output' -s 'o' -l 'output' -d 'With --preflight: table or json.' -rfka 'table json'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" record' -l 'record' -d 'Append what the watch says to this file, redacted, as JSON lines that replay reads. Asks the server for JSON.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" simulate' -l 'simulate' -d 'Watch a simulated cluster with a simulated orchestrator, for some seconds.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" speed' -l 'speed' -d 'With --simulate: times the scenario\'s speed.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" version' -l 'version' -d 'Show the version.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind watch" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest" version' -l 'version' -d 'Show the version.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind harvest" -eq 1' -fa 'pod' -d 'Gather the evidence of one pod.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind harvest" -eq 1' -fa 'pods' -d 'Gather the evidence of every pod that fails now, one JSON incident a line or one capsule after the other.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind harvest pod" -eq 1' -fka '(__kube-mind_custom_completion ---completion harvest pod -- positional@0 (count (__kube-mind_tokens -pc)) (__kube-mind_tokens -tC))'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" n namespace' -l 'namespace' -s 'n' -d 'Namespace. Default: the context\'s.' -rfka '(__kube-mind_custom_completion ---completion harvest pod -- --namespace (count (__kube-mind_tokens -pc)) (__kube-mind_tokens -tC))'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" c container' -l 'container' -s 'c' -d 'Container. Default: the one that failed last.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" kubeconfig' -l 'kubeconfig' -d 'Kubeconfig file. Default: KUBECONFIG, then the pod\'s service account, then ~/.kube/config.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" context' -l 'context' -d 'Context of the kubeconfig. Default: its current context.' -rfka '(__kube-mind_custom_completion ---completion harvest pod -- --context (count (__kube-mind_tokens -pc)) (__kube-mind_tokens -tC))'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod"' -l 'rules' -d 'Rule file that adds to, replaces or switches off the built-in rules. May be given several times.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" keys' -l 'keys' -d 'Globs of key names whose values are secret, with commas: \'*_SECRET,*_TOKEN,*_KEY\'.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" pseudonyms' -l 'pseudonyms' -d 'Masks that are the same for the same value, [REDACTED:4f2a9c], under a key that is made for this run.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" pseudonym-key' -l 'pseudonym-key' -d 'File with a key of at least 16 bytes for pseudonyms that stay the same from run to run.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" from' -l 'from' -d 'Read this dump, must-gather, support bundle or list of pods (folder, .tar, .tar.gz or file) and no cluster.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" tail' -l 'tail' -d 'Lines of each log, 1 to 10000.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" config-maps' -l 'config-maps' -d 'Read the ConfigMaps that the pod refers to.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" no-config-maps' -l 'no-config-maps' -d 'Read the ConfigMaps that the pod refers to.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" deadline' -l 'deadline' -d 'Seconds for gathering; what is late is a gap.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" explain' -l 'explain' -d 'Say what the evidence points to, with the lines that show it, in the place of logs and events (text).'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" o output' -l 'output' -s 'o' -d 'json, yaml, text, wide, jsonpath=TEMPLATE, or capsule (a binary file for send and replay).' -rfka 'json yaml text wide capsule jsonpath='
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" version' -l 'version' -d 'Show the version.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pod" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" failing' -l 'failing' -d 'Only pods that fail now: required without --from and --watch, for a healthy pod has nothing to tell.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" A all-namespaces' -s 'A' -l 'all-namespaces' -d 'All namespaces.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" n namespace' -l 'namespace' -s 'n' -d 'Namespace. Default: the context\'s; all of them with --from.' -rfka '(__kube-mind_custom_completion ---completion harvest pods -- --namespace (count (__kube-mind_tokens -pc)) (__kube-mind_tokens -tC))'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" l selector' -s 'l' -l 'selector' -d 'Label selector.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" watch' -l 'watch' -d 'Go on, and write the incident of each new failure, until stopped.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" count' -l 'count' -d 'With --watch: end after so many incidents.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" kubeconfig' -l 'kubeconfig' -d 'Kubeconfig file. Default: KUBECONFIG, then the pod\'s service account, then ~/.kube/config.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" context' -l 'context' -d 'Context of the kubeconfig. Default: its current context.' -rfka '(__kube-mind_custom_completion ---completion harvest pods -- --context (count (__kube-mind_tokens -pc)) (__kube-mind_tokens -tC))'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods"' -l 'rules' -d 'Rule file that adds to, replaces or switches off the built-in rules. May be given several times.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" keys' -l 'keys' -d 'Globs of key names whose values are secret, with commas: \'*_SECRET,*_TOKEN,*_KEY\'.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" pseudonyms' -l 'pseudonyms' -d 'Masks that are the same for the same value, [REDACTED:4f2a9c], under a key that is made for this run.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" pseudonym-key' -l 'pseudonym-key' -d 'File with a key of at least 16 bytes for pseudonyms that stay the same from run to run.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" from' -l 'from' -d 'Read this dump, must-gather, support bundle or list of pods (folder, .tar, .tar.gz or file) and no cluster.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" tail' -l 'tail' -d 'Lines of each log, 1 to 10000.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" config-maps' -l 'config-maps' -d 'Read the ConfigMaps that the pod refers to.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" no-config-maps' -l 'no-config-maps' -d 'Read the ConfigMaps that the pod refers to.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" deadline' -l 'deadline' -d 'Seconds for gathering; what is late is a gap.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" explain' -l 'explain' -d 'Say what the evidence points to, with the lines that show it, in the place of logs and events (text).'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" o output' -l 'output' -s 'o' -d 'json, yaml, text, wide, jsonpath=TEMPLATE, or capsule (a binary file for send and replay). Default: json with --failing, else text.' -rfka 'json yaml text wide capsule jsonpath='
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" version' -l 'version' -d 'Show the version.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind harvest pods" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind redact" -ge 1' -F
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact" format' -l 'format' -d 'What the input is: auto, json, yaml or text. auto goes by the name\'s ending, else by the first 4 KiB.' -rfka 'auto json yaml text'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact" name' -l 'name' -d 'File name that standard input stands for.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact" out' -l 'out' -d 'Folder for the redacted files.' -rfa '(__kube-mind_complete_directories)'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact" in-place' -l 'in-place' -d 'Write each file over itself.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact" report' -l 'report' -d 'File for a report: one JSON line for each file, with counts by rule, lines and paths, and never a value.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact" check' -l 'check' -d 'Write nothing but the place and rule of each secret; exit 1 where there is one.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact" explain' -l 'explain' -d 'Tell of each secret its place, its rule and why; of other settings why they stay.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact" diff' -l 'diff' -d 'Show the lines that would change; a secret shows as the name of its rule.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact"' -l 'rules' -d 'Rule file that adds to, replaces or switches off the built-in rules. May be given several times.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact" keys' -l 'keys' -d 'Globs of key names whose values are secret, with commas: \'*_SECRET,*_TOKEN,*_KEY\'.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact" pseudonyms' -l 'pseudonyms' -d 'Masks that are the same for the same value, [REDACTED:4f2a9c], under a key that is made for this run.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact" pseudonym-key' -l 'pseudonym-key' -d 'File with a key of at least 16 bytes for pseudonyms that stay the same from run to run.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact" version' -l 'version' -d 'Show the version.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind redact" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind send" -ge 1' -F
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" orchestrator' -l 'orchestrator' -d 'Where to deliver: https://host:port, http://host:port on this machine, or a gRPC target: dns:///host:port, ipv4:address:port,…, ipv6:[address]:port,…, unix:/path.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" ca' -l 'ca' -d 'CA certificates (PEM) for the orchestrator\'s certificate. Default: the system\'s.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" cert' -l 'cert' -d 'Client certificate and chain (PEM), for mTLS.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" key' -l 'key' -d 'Key of the client certificate (PEM).' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" tls-server-name' -l 'tls-server-name' -d 'Name to expect in the orchestrator\'s certificate. Default: the URL\'s host.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" proxy' -l 'proxy' -d 'Proxy on the way, http://user:password@host:port, or none. Default: HTTPS_PROXY, unless NO_PROXY has the host.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" compression' -l 'compression' -d 'none, or gzip for messages of 1 KiB and more where the orchestrator takes it. Default: none.' -rfka 'none gzip'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" allow-plaintext' -l 'allow-plaintext' -d 'Allow http:// to a host that is not this machine. Not for production.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send"' -l 'rules' -d 'Rule file that adds to, replaces or switches off the built-in rules. May be given several times.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" keys' -l 'keys' -d 'Globs of key names whose values are secret, with commas: \'*_SECRET,*_TOKEN,*_KEY\'.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" pseudonyms' -l 'pseudonyms' -d 'Masks that are the same for the same value, [REDACTED:4f2a9c], under a key that is made for this run.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" pseudonym-key' -l 'pseudonym-key' -d 'File with a key of at least 16 bytes for pseudonyms that stay the same from run to run.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" timeout' -l 'timeout' -d 'Seconds for all of it.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" retry' -l 'retry' -d 'Go on trying until the time is up, also where the orchestrator cannot be reached.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" json' -l 'json' -d 'Report one JSON object a line and incident instead of a table.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" version' -l 'version' -d 'Show the version.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind send" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind replay" -ge 1' -F
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" orchestrator' -l 'orchestrator' -d 'Where to deliver: https://host:port, http://host:port on this machine, or a gRPC target: dns:///host:port, ipv4:address:port,…, ipv6:[address]:port,…, unix:/path.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" ca' -l 'ca' -d 'CA certificates (PEM) for the orchestrator\'s certificate. Default: the system\'s.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" cert' -l 'cert' -d 'Client certificate and chain (PEM), for mTLS.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" key' -l 'key' -d 'Key of the client certificate (PEM).' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" tls-server-name' -l 'tls-server-name' -d 'Name to expect in the orchestrator\'s certificate. Default: the URL\'s host.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" proxy' -l 'proxy' -d 'Proxy on the way, http://user:password@host:port, or none. Default: HTTPS_PROXY, unless NO_PROXY has the host.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" compression' -l 'compression' -d 'none, or gzip for messages of 1 KiB and more where the orchestrator takes it. Default: none.' -rfka 'none gzip'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" allow-plaintext' -l 'allow-plaintext' -d 'Allow http:// to a host that is not this machine. Not for production.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay"' -l 'rules' -d 'Rule file that adds to, replaces or switches off the built-in rules. May be given several times.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" keys' -l 'keys' -d 'Globs of key names whose values are secret, with commas: \'*_SECRET,*_TOKEN,*_KEY\'.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" pseudonyms' -l 'pseudonyms' -d 'Masks that are the same for the same value, [REDACTED:4f2a9c], under a key that is made for this run.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" pseudonym-key' -l 'pseudonym-key' -d 'File with a key of at least 16 bytes for pseudonyms that stay the same from run to run.' -rF
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" mock' -l 'mock' -d 'Deliver to an orchestrator inside this process.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" serve-mock' -l 'serve-mock' -d 'Serve the orchestrator of --mock on this address.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay"' -l 'fault' -d 'Fault of the mock orchestrator; may be repeated. slow[=200ms]: each answer takes so long. unavailable[=10s]: streams are refused for so long. refuse[=N]: the first N streams are refused, or every one. reject[=N]: every Nth incident is rejected, or every one. lose-acks[=1]: so many acknowledgements are lost. end-stream[=100]: a stream ends after so many incidents. goaway[=100]: GOAWAY every so many.' -rfka 'slow unavailable refuse reject lose-acks end-stream goaway'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" speed' -l 'speed' -d 'Times the recorded speed; 0 sends all at once.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" rate' -l 'rate' -d 'So many incidents a second, evenly, instead of the recorded spacing.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" loop' -l 'loop' -d 'Begin anew after the last one, until SIGINT or --count.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" count' -l 'count' -d 'End after so many incidents, going round as often as that takes.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" shift-time' -l 'shift-time' -d 'Move the times in each incident so that it happens now.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" new-ids' -l 'new-ids' -d 'Make ids of their own, from the recorded ones and this name.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" timeout' -l 'timeout' -d 'Seconds to wait for acknowledgements after the last was sent.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" json' -l 'json' -d 'Report one JSON document; with --serve-mock and no files, one line for each incident.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" version' -l 'version' -d 'Show the version.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind replay" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind bench" -ge 1' -fka 'redact decode pipeline deliver outbox'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind bench" json' -l 'json' -d 'One JSON document instead of a table.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind bench" runs' -l 'runs' -d 'Measured runs of each benchmark.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind bench" pods' -l 'pods' -d 'Pods of the pipeline suite\'s cluster.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind bench" failures' -l 'failures' -d 'Failing pods among them.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind bench" interval' -l 'interval' -d 'Milliseconds between two of these failures.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind bench" updates' -l 'updates' -d 'Updates of the healthy pods meanwhile, a second.' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind bench" serve' -l 'serve' -d 'Serve the pipeline suite\'s cluster and orchestrator for a watch in another process, once, and measure that: writes kubeconfig and orchestrator (a URL) to this folder.' -rfa '(__kube-mind_complete_directories)'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind bench" version' -l 'version' -d 'Show the version.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind bench" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_positional "kube-mind health" -eq 1' -fka 'healthz readyz startupz'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind health" address' -l 'address' -d 'Where watch serves its probes (http.address).' -rfka ''
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind health" version' -l 'version' -d 'Show the version.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind health" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'kube-mind' -n '__kube-mind_should_offer_completions_for_flags_or_options "kube-mind help" version' -l 'version' -d 'Show the version.'
