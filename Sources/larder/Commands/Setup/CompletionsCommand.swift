internal import Terminal

extension Command {
    /// Prints what a shell needs to complete our command lines.
    static let completions = Command(
        name: "completions",
        summary: "Print the completion script of a shell",
        discussion: """
            bash: larder completions bash > ~/.local/share/bash-completion/completions/larder
            zsh:  larder completions zsh > ~/.zfunc/_larder        # with ~/.zfunc in fpath, before compinit
            fish: larder completions fish > ~/.config/fish/completions/larder.fish
            """,
        forms: ["bash|zsh|fish"],
        choices: [["bash", "zsh", "fish"]],
        operands: 0...1,
        options: [],
        run: runCompletions
    )

    private static func runCompletions(_ arguments: Arguments) throws(Failure) -> ExitStatus {
        switch arguments.operands.first.map({ Text.shown($0) }) {
        case "bash": try Console.print(CompletionScript.bash)
        case "zsh": try Console.print(CompletionScript.zsh)
        case "fish": try Console.print(CompletionScript.fish)
        case nil: throw Failure(usage: "name a shell: bash, zsh or fish", .completions)
        case let shell?:
            throw Failure(usage: "there is no script for '\(shell)', only for bash, zsh and fish", .completions)
        }
        return .success
    }
}
