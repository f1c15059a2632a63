import Foundation
import TestSupport
import Testing

/// What people look at, in what they look with: the page of `larder report` in a browser, `larder top` on a terminal.
@Suite struct PictureTests {
    /// What the package is called does not depend on the system; where it is not installed, the test says so.
    private static func has(_ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(program)")
    }

    private func workshop() throws -> Workshop {
        let workshop = try Workshop()
        try workshop.write("int a;\n", to: "a.c")
        for _ in 0..<3 { try workshop.larder(["gcc", "-c", "a.c"]) }
        return workshop
    }

    /// Runs the browser on `page.html` without a window and without a network.
    private func browser(_ workshop: Workshop, _ options: String...) throws -> Workshop.Outcome {
        let words = [
            "/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--window-size=600,800", "--user-data-dir=profile",
        ]
        return try workshop.run(words + options + ["file://" + workshop.url("page.html").path])
    }

    /// Prints the colour of the pixel in the upper left corner, which no filter of a PNG changes.
    private static let corner = """
        import sys, zlib
        data, at, packed = open(sys.argv[1], "rb").read(), 8, b""
        while at < len(data):
            length = int.from_bytes(data[at:at + 4], "big")
            if data[at + 4:at + 8] == b"IDAT": packed += data[at + 8:at + 8 + length]
            at += 12 + length
        print(*zlib.decompress(packed)[1:4])
        """

    @Test(.enabled(if: has("chromium"), "chromium is not installed: apt install chromium"))
    func `a report can be read in the light, in the dark and on paper`() throws {
        let workshop = try workshop()
        try workshop.larder(["report", "-o", "page.html"])
        var colours: [[Int]] = []
        for scheme in ["1", "0"] {
            let shot = try browser(workshop, "--blink-settings=preferredColorScheme=\(scheme)", "--screenshot=shot.png")
            let corner = try workshop.run(["python3", "-c", Self.corner, "shot.png"])
            colours.append(corner.outputText.split(whereSeparator: \.isWhitespace).compactMap { Int($0) })
            #expect(colours.last?.count == 3, "\(shot.errorText)\(corner.errorText)")
            workshop.remove("shot.png")
        }
        #expect(colours[0].allSatisfy { $0 > 200 } && colours[1].allSatisfy { $0 < 80 }, "\(colours)")
        let printed = try browser(workshop, "--no-pdf-header-footer", "--print-to-pdf=paper.pdf")
        let text = try workshop.run(["pdftotext", "-layout", "paper.pdf", "-"]).outputText
        for words in ["66.7 %", "hits by count", "time saved", "Commands over time", "Why there was no hit", "a.c"] {
            #expect(text.contains(words), "\(words) in \(text) \(printed.errorText)")
        }
        // Every picture has been drawn: what it is made of has a place and a size.
        let script = """
            <script>addEventListener("load", () => { document.title = [...document.querySelectorAll("svg")].map(
            s => s.getBBox().width > 0 && s.getBBox().height > 0).join() + " " + document.documentElement.scrollWidth })</script>
            """
        let page = String(decoding: try #require(workshop.read("page.html")), as: UTF8.self)
        try workshop.write(page + script, to: "page.html")
        let drawn = try browser(workshop, "--dump-dom").outputText
        let title = try #require(drawn.firstMatch(of: /<title>([a-z,]+) ([0-9]+)<\/title>/), "\(drawn.prefix(400))")
        #expect(title.1.split(separator: ",").allSatisfy { $0 == "true" }, "\(title.1)")
        #expect(Int(title.2) ?? .max <= 600, "nothing is wider than the window")
    }

    @Test(.enabled(if: has("tmux"), "tmux is not installed: apt install tmux"))
    func `top draws what happens in a terminal of its own, and gives it back`() throws {
        let workshop = try workshop()
        let script = """
            tmux() { command tmux -S "$PWD/socket" -f /dev/null "$@"; }
            shows() { n=0; until tmux capture-pane -p -t top | grep -q "$1" || [ $n -ge 3000 ]; do sleep 0.01; n=$((n + 1)); done; }
            tmux new-session -d -s top -x 90 -y 30 "PS1='ready> ' sh -i"
            shows 'ready>'; tmux send-keys -t top "$L top" Enter
            shows 'latest commands'; shows 'a\\.c'
            echo 'int b;' > b.c; $L gcc -c b.c
            shows 'b\\.c'; tmux capture-pane -p -t top > screen
            tmux resize-window -t top -x 40 -y 12; shows 'latest'; tmux capture-pane -p -t top > narrow
            tmux send-keys -t top q; shows 'ready>'
            tmux capture-pane -p -t top > after; tmux kill-server
            """
        let outcome = try workshop.run(
            ["bash", "-c", script],
            environment: ["L": Workshop.larder.path, "TERM": "xterm"]
        )
        func text(_ name: String) -> String { String(decoding: workshop.read(name) ?? Data(), as: UTF8.self) }
        let screen = text("screen")
        #expect(screen.contains("b.c") && screen.contains("a.c"), "\(screen)\(outcome.errorText)")
        #expect(text("narrow").split(separator: "\n").allSatisfy { $0.count <= 40 } && !text("narrow").isEmpty)
        #expect(text("after").contains("ready>") && !text("after").contains("latest commands"), "\(text("after"))")
    }
}
