#!/bin/bash

__kube-mind_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__kube-mind_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__kube-mind_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__kube-mind_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_kube-mind() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __kube-mind_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    watch|harvest|redact|send|replay|bench|health|help)
        # Offer subcommand argument completions
        "_kube-mind_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'watch harvest redact send replay bench health help' -- "${cur}"))
        ;;
    esac
}

_kube-mind_watch() {
    repeating_flags=()
    non_repeating_flags=(--allow-plaintext --preflight --simulate --version -h --help)
    repeating_options=(--namespace -n --set)
    non_repeating_options=(--config --kubeconfig --context -l --selector --field-selector --orchestrator --ca --cert --key --tls-server-name --proxy --compression --outbox --leader-elect --log-level --log-format -o --output --record --speed)
    __kube-mind_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--config')
        __kube-mind_add_completions -f
        return
        ;;
    '--kubeconfig')
        __kube-mind_add_completions -f
        return
        ;;
    '--context')
        __kube-mind_add_completions -W "$(__kube-mind_custom_complete ---completion watch -- --context "${COMP_CWORD}" "$(__kube-mind_cursor_index_in_current_word)")"
        return
        ;;
    '--namespace'|'-n')
        __kube-mind_add_completions -W "$(__kube-mind_custom_complete ---completion watch -- --namespace "${COMP_CWORD}" "$(__kube-mind_cursor_index_in_current_word)")"
        return
        ;;
    '-l'|'--selector')
        return
        ;;
    '--field-selector')
        return
        ;;
    '--orchestrator')
        return
        ;;
    '--ca')
        __kube-mind_add_completions -f
        return
        ;;
    '--cert')
        __kube-mind_add_completions -f
        return
        ;;
    '--key')
        __kube-mind_add_completions -f
        return
        ;;
    '--tls-server-name')
        return
        ;;
    '--proxy')
        return
        ;;
    '--compression')
        __kube-mind_add_completions -W 'none'$'\n''gzip'
        return
        ;;
    '--outbox')
        __kube-mind_add_completions -d
        return
        ;;
    '--leader-elect')
        __kube-mind_add_completions -W 'true'$'\n''false'$'\n''auto'
        return
        ;;
    '--log-level')
        __kube-mind_add_completions -W 'trace'$'\n''debug'$'\n''info'$'\n''notice'$'\n''warning'$'\n''error'$'\n''critical'
        return
        ;;
    '--log-format')
        __kube-mind_add_completions -W 'json'$'\n''text'$'\n''auto'
        return
        ;;
    '--set')
        return
        ;;
    '-o'|'--output')
        __kube-mind_add_completions -W 'table'$'\n''json'
        return
        ;;
    '--record')
        __kube-mind_add_completions -f
        return
        ;;
    '--speed')
        return
        ;;
    esac
}

_kube-mind_harvest() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __kube-mind_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    pod|pods)
        # Offer subcommand argument completions
        "_kube-mind_harvest_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'pod pods' -- "${cur}"))
        ;;
    esac
}

_kube-mind_harvest_pod() {
    repeating_flags=()
    non_repeating_flags=(--pseudonyms --config-maps --no-config-maps --explain --version -h --help)
    repeating_options=(--rules)
    non_repeating_options=(--namespace -n --container -c --kubeconfig --context --keys --pseudonym-key --from --tail --deadline --output -o)
    __kube-mind_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--namespace'|'-n')
        __kube-mind_add_completions -W "$(__kube-mind_custom_complete ---completion harvest pod -- --namespace "${COMP_CWORD}" "$(__kube-mind_cursor_index_in_current_word)")"
        return
        ;;
    '--container'|'-c')
        return
        ;;
    '--kubeconfig')
        __kube-mind_add_completions -f
        return
        ;;
    '--context')
        __kube-mind_add_completions -W "$(__kube-mind_custom_complete ---completion harvest pod -- --context "${COMP_CWORD}" "$(__kube-mind_cursor_index_in_current_word)")"
        return
        ;;
    '--rules')
        __kube-mind_add_completions -f
        return
        ;;
    '--keys')
        return
        ;;
    '--pseudonym-key')
        __kube-mind_add_completions -f
        return
        ;;
    '--from')
        __kube-mind_add_completions -f
        return
        ;;
    '--tail')
        return
        ;;
    '--deadline')
        return
        ;;
    '--output'|'-o')
        __kube-mind_add_completions -W 'json'$'\n''yaml'$'\n''text'$'\n''wide'$'\n''capsule'$'\n''jsonpath='
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __kube-mind_add_completions -W "$(__kube-mind_custom_complete ---completion harvest pod -- positional@0 "${COMP_CWORD}" "$(__kube-mind_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_kube-mind_harvest_pods() {
    repeating_flags=()
    non_repeating_flags=(--failing -A --all-namespaces --watch --pseudonyms --config-maps --no-config-maps --explain --version -h --help)
    repeating_options=(--rules)
    non_repeating_options=(--namespace -n -l --selector --count --kubeconfig --context --keys --pseudonym-key --from --tail --deadline --output -o)
    __kube-mind_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--namespace'|'-n')
        __kube-mind_add_completions -W "$(__kube-mind_custom_complete ---completion harvest pods -- --namespace "${COMP_CWORD}" "$(__kube-mind_cursor_index_in_current_word)")"
        return
        ;;
    '-l'|'--selector')
        return
        ;;
    '--count')
        return
        ;;
    '--kubeconfig')
        __kube-mind_add_completions -f
        return
        ;;
    '--context')
        __kube-mind_add_completions -W "$(__kube-mind_custom_complete ---completion harvest pods -- --context "${COMP_CWORD}" "$(__kube-mind_cursor_index_in_current_word)")"
        return
        ;;
    '--rules')
        __kube-mind_add_completions -f
        return
        ;;
    '--keys')
        return
        ;;
    '--pseudonym-key')
        __kube-mind_add_completions -f
        return
        ;;
    '--from')
        __kube-mind_add_completions -f
        return
        ;;
    '--tail')
        return
        ;;
    '--deadline')
        return
        ;;
    '--output'|'-o')
        __kube-mind_add_completions -W 'json'$'\n''yaml'$'\n''text'$'\n''wide'$'\n''capsule'$'\n''jsonpath='
        return
        ;;
    esac
}

_kube-mind_redact() {
    repeating_flags=()
    non_repeating_flags=(--in-place --check --explain --diff --pseudonyms --version -h --help)
    repeating_options=(--rules)
    non_repeating_options=(--format --name --out --report --keys --pseudonym-key)
    __kube-mind_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--format')
        __kube-mind_add_completions -W 'auto'$'\n''json'$'\n''yaml'$'\n''text'
        return
        ;;
    '--name')
        return
        ;;
    '--out')
        __kube-mind_add_completions -d
        return
        ;;
    '--report')
        __kube-mind_add_completions -f
        return
        ;;
    '--rules')
        __kube-mind_add_completions -f
        return
        ;;
    '--keys')
        return
        ;;
    '--pseudonym-key')
        __kube-mind_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __kube-mind_add_completions -f
        return
        ;;
    esac
}

_kube-mind_send() {
    repeating_flags=()
    non_repeating_flags=(--allow-plaintext --pseudonyms --retry --json --version -h --help)
    repeating_options=(--rules)
    non_repeating_options=(--orchestrator --ca --cert --key --tls-server-name --proxy --compression --keys --pseudonym-key --timeout)
    __kube-mind_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--orchestrator')
        return
        ;;
    '--ca')
        __kube-mind_add_completions -f
        return
        ;;
    '--cert')
        __kube-mind_add_completions -f
        return
        ;;
    '--key')
        __kube-mind_add_completions -f
        return
        ;;
    '--tls-server-name')
        return
        ;;
    '--proxy')
        return
        ;;
    '--compression')
        __kube-mind_add_completions -W 'none'$'\n''gzip'
        return
        ;;
    '--rules')
        __kube-mind_add_completions -f
        return
        ;;
    '--keys')
        return
        ;;
    '--pseudonym-key')
        __kube-mind_add_completions -f
        return
        ;;
    '--timeout')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __kube-mind_add_completions -f
        return
        ;;
    esac
}

_kube-mind_replay() {
    repeating_flags=()
    non_repeating_flags=(--allow-plaintext --pseudonyms --mock --loop --shift-time --json --version -h --help)
    repeating_options=(--rules --fault)
    non_repeating_options=(--orchestrator --ca --cert --key --tls-server-name --proxy --compression --keys --pseudonym-key --serve-mock --speed --rate --count --new-ids --timeout)
    __kube-mind_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--orchestrator')
        return
        ;;
    '--ca')
        __kube-mind_add_completions -f
        return
        ;;
    '--cert')
        __kube-mind_add_completions -f
        return
        ;;
    '--key')
        __kube-mind_add_completions -f
        return
        ;;
    '--tls-server-name')
        return
        ;;
    '--proxy')
        return
        ;;
    '--compression')
        __kube-mind_add_completions -W 'none'$'\n''gzip'
        return
        ;;
    '--rules')
        __kube-mind_add_completions -f
        return
        ;;
    '--keys')
        return
        ;;
    '--pseudonym-key')
        __kube-mind_add_completions -f
        return
        ;;
    '--serve-mock')
        return
        ;;
    '--fault')
        __kube-mind_add_completions -W 'slow'$'\n''unavailable'$'\n''refuse'$'\n''reject'$'\n''lose-acks'$'\n''end-stream'$'\n''goaway'
        return
        ;;
    '--speed')
        return
        ;;
    '--rate')
        return
        ;;
    '--count')
        return
        ;;
    '--new-ids')
        return
        ;;
    '--timeout')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __kube-mind_add_completions -f
        return
        ;;
    esac
}

_kube-mind_bench() {
    repeating_flags=()
    non_repeating_flags=(--json --version -h --help)
    repeating_options=()
    non_repeating_options=(--runs --pods --failures --interval --updates --serve)
    __kube-mind_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--runs')
        return
        ;;
    '--pods')
        return
        ;;
    '--failures')
        return
        ;;
    '--interval')
        return
        ;;
    '--updates')
        return
        ;;
    '--serve')
        __kube-mind_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __kube-mind_add_completions -W 'redact'$'\n''decode'$'\n''pipeline'$'\n''deliver'$'\n''outbox'
        return
        ;;
    esac
}

_kube-mind_health() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--address)
    __kube-mind_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--address')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __kube-mind_add_completions -W 'healthz'$'\n''readyz'$'\n''startupz'
        return
        ;;
    esac
}

_kube-mind_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __kube-mind_offer_flags_options -1
}

complete -o filenames -F _kube-mind kube-mind
