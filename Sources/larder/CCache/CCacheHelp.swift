internal import LarderStore
internal import Terminal

/// What `ccache -h` and `ccache -V` print.
enum CCacheHelp {
    static var text: String {
        let rows = CCacheOption.all.map { option in
            let short = option.short.map { "-\($0), " } ?? "    "
            return ["  \(short)--\(option.name)" + (option.value.map { " \($0)" } ?? ""), option.summary]
        }
        return """
            Larder, called by the name ccache: it takes ccache's options, CCACHE_* and ccache.conf, as far as it has the like.

            Usage: ccache [OPTIONS]
                   ccache [KEY=VALUE ...] COMPILER [ARGUMENTS]
                   COMPILER [ARGUMENTS]                            by a link to ccache

            Options:
            \(TextTable.aligned(rows))
            LARDER_* wins over CCACHE_*; the cache is in $CCACHE_DIR/larder, else where 'larder config' says.

            """
    }

    /// The first line holds nothing but what scripts take apart; the next one says what this is.
    static var version: String {
        """
        ccache version \(CCacheCommands.version)
        Features: file-storage

        This is not ccache: it is Larder \(Version.text), which answers in its way.

        """
    }
}
