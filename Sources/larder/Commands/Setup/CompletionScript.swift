internal import Terminal

/// Completion scripts, made from the commands themselves.
///
/// The first word is one of our commands or a program; behind a program its own completion takes over.
enum CompletionScript {
    private static let commands = StoreCommands.all
    /// Commands that need no code of their own.
    private static let bareWords = Neighbour.allCases.map(\.rawValue) + ["help", "--help", "--version"]
    /// What can be asked for help about.
    private static var topics: String {
        (commands.map(\.name) + Neighbour.allCases.map(\.rawValue)).joined(separator: " ")
    }

    static var bash: String {
        var cases = ""
        for command in commands {
            cases += """
                        \(command.name))
                            case $word in
                                -*) choices="\(options(of: command).joined(separator: " "))" ;;
                                *) case $COMP_CWORD in
                \(positions(of: command, indentation: 20))
                                esac ;;
                            esac ;;

                """
        }
        for neighbour in Neighbour.allCases {
            cases += """
                        \(neighbour))
                            if [[ $COMP_CWORD -gt 2 ]]; then COMPREPLY=($(compgen -f -- "$word")); return; fi
                            choices="\(neighbour.commands.joined(separator: " "))" ;;

                """
        }
        return """
            # bash completion for larder
            _larder() {
                local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} choices=
                COMPREPLY=()
                if [[ $COMP_CWORD -eq 1 ]]; then
                    COMPREPLY=($(compgen -W "\(names.joined(separator: " "))" -c -- "$word"))
                    return
                fi
                if [[ $previous == --dir ]]; then
                    COMPREPLY=($(compgen -d -- "$word"))
                    return
                fi
                case ${COMP_WORDS[1]} in
            \(cases)        help) choices="\(topics)" ;;
                    --*) ;;
                    *)
                        if declare -F _command_offset >/dev/null; then
                            _command_offset 1
                        else
                            COMPREPLY=($(compgen -f -- "$word"))
                        fi
                        return ;;
                esac
                COMPREPLY=($(compgen -W "$choices" -- "$word"))
            }
            complete -o bashdefault -F _larder larder

            """
    }

    static var zsh: String {
        let described =
            (commands.map { quoted("\($0.name):\($0.summary)") }
            + Neighbour.allCases.map { quoted("\($0):\($0.summary)") }).joined(separator: " ")
        var cases = ""
        for command in commands {
            var specifications = command.allOptions.map { option in
                let value =
                    option.value.map { ":\($0):" + ($0 == "DIR" ? "_files -/" : isFile($0) ? "_files" : " ") } ?? ""
                return quoted("--\(option.name)[\(option.summary)]" + value)
            }
            for (index, choices) in command.choices.enumerated() {
                specifications.append(quoted("\(index + 1):argument:(\(choices.joined(separator: " ")))"))
            }
            if command.takesCommandLine { specifications.append(quoted("*::: :_normal")) }
            if command.takesFiles { specifications.append(quoted("*:file:_files")) }
            cases +=
                "        \(command.name)) shift words; ((CURRENT--)); _arguments \(specifications.joined(separator: " ")) ;;\n"
        }
        for neighbour in Neighbour.allCases {
            let words = quoted("1:command:(\(neighbour.commands.joined(separator: " ")))")
            cases += "        \(neighbour)) shift words; ((CURRENT--)); _arguments \(words) '*:file:_files' ;;\n"
        }
        return """
            #compdef larder
            _larder() {
                if ((CURRENT == 2)); then
                    local -a commands=(\(described))
                    _describe command commands
                    _command_names -e
                    return
                fi
                case $words[2] in
            \(cases)        help) _values command \(topics) ;;
                    --*) ;;
                    *) shift words; ((CURRENT--)); _normal ;;
                esac
            }
            # Called when autoloaded from fpath, registered when sourced.
            if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _larder "$@"; else compdef _larder larder; fi

            """
    }

    static var fish: String {
        let all = names.filter { !$0.hasPrefix("-") }.joined(separator: " ")
        var lines = [
            "# fish completion for larder",
            "complete -c larder -n 'not __fish_seen_subcommand_from \(all)' -x -a '(__fish_complete_subcommand)'",
        ]
        for command in commands {
            lines.append("complete -c larder -n __fish_is_first_arg -a \(command.name) -d \(quoted(command.summary))")
            let condition = "-n '__fish_seen_subcommand_from \(command.name)'"
            for option in command.allOptions {
                let short = option.short.map { " -s \($0)" } ?? ""
                let value =
                    option.value.map {
                        $0 == "DIR" ? " -x -a '(__fish_complete_directories)'" : isFile($0) ? " -r -F" : " -x"
                    } ?? ""
                lines.append(
                    "complete -c larder \(condition) -l \(option.name)\(short)\(value) -d \(quoted(option.summary))"
                )
            }
            for choices in command.choices {
                lines.append("complete -c larder \(condition) -f -a '\(choices.joined(separator: " "))'")
            }
        }
        for neighbour in Neighbour.allCases {
            lines.append("complete -c larder -n __fish_is_first_arg -a \(neighbour) -d \(quoted(neighbour.summary))")
            let words = neighbour.commands.joined(separator: " ")
            lines.append("complete -c larder -n '__fish_seen_subcommand_from \(neighbour)' -a '\(words)'")
        }
        lines.append("complete -c larder -n '__fish_seen_subcommand_from help' -f -a '\(topics)'")
        return lines.joined(separator: "\n") + "\n"
    }

    /// Whether what an option calls its value is the name of a file.
    private static func isFile(_ value: String) -> Bool { value == "PATH" || value == "FILE" }

    private static var names: [String] { commands.map(\.name) + bareWords }

    private static func options(of command: Command) -> [String] {
        command.allOptions.flatMap { option in ["--\(option.name)"] + (option.short.map { ["-\($0)"] } ?? []) }
    }

    /// One line of a `case` for each position that has choices.
    private static func positions(of command: Command, indentation: Int) -> String {
        let margin = String(repeating: " ", count: indentation)
        if command.takesFiles { return margin + #"*) COMPREPLY=($(compgen -f -- "$word")); return ;;"# }
        let lines = command.choices.enumerated().map { index, choices in
            "\(margin)\(index + 2)) choices=\"\(choices.joined(separator: " "))\" ;;"
        }
        return lines.isEmpty ? margin + "*) ;;" : lines.joined(separator: "\n")
    }

    /// In single quotes, as all three shells read them.
    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
