import Foundation
import PDFText
import Testing

/// What poppler's tools write, and what they would never write.
struct ReaderTests {
    private static let title =
        "name                                 type              encoding         emb sub uni object ID"
    private static let rule =
        "------------------------------------ ----------------- ---------------- --- --- --- ---------"

    @Test func `fonts are read whatever their names are`() throws {
        let table = """
            \(Self.title)
            \(Self.rule)
            ABCDEF+NimbusSans-Regular            CID Type 0C       Identity-H       yes yes no       3  0
            A very long name of a font that leaves its column behind Type 1C (OT) WinAnsi          yes no  yes     12  0
            [none]                               Type 3            Custom           yes no  no       7  0
            Odd "name" yes no                    TrueType          MacRoman         no  no  no   [none]
            this is no font
            """
        let json = try JSONSerialization.jsonObject(
            with: Data("[".utf8 + FontTable.elements(Array(table.utf8)) + "]".utf8)
        )
        let fonts = try #require(json as? [[String: Any]])
        #expect(fonts.map { $0["type"] as? String } == ["CID Type 0C", "Type 1C (OT)", "Type 3", "TrueType"])
        #expect(fonts[0]["name"] as? String == "ABCDEF+NimbusSans-Regular" && fonts[0]["subset"] as? Bool == true)
        #expect(fonts[1]["name"] as? String == "A very long name of a font that leaves its column behind")
        #expect(fonts[1]["unicode"] as? Bool == true && fonts[1]["encoding"] as? String == "WinAnsi")
        #expect(fonts[2]["name"] is NSNull)
        #expect(fonts[3]["name"] as? String == "Odd \"name\" yes no" && fonts[3]["embedded"] as? Bool == false)
    }

    private static func layout(_ box: String = "xMin=\"1.500000\" yMin=\"-0.000000\" xMax=\"100\" yMax=\"nan\"")
        -> String
    {
        """
        <!DOCTYPE html><html><head><title>&lt;doc&gt;</title></head>
        <body>
        <doc>
          <page width="612.000000" height="792.250000">
            <flow>
              <block \(box)>
                <line \(box)>
                  <word \(box)>a &lt;b&gt; &amp;amp; &quot;c&quot; &apos;</word>
                </line>
              </block>
            </flow>
          </page>
          <page width="10" height="inf">
          </page>
        </doc>
        </body></html>
        """
    }

    private static func read(_ text: String) throws -> (pages: [Extraction.Page], json: [[String: Any]]) {
        var body: [UInt8] = []
        let pages = try LayoutReader.read(Array(text.utf8), first: 4, into: &body)
        var json: [[String: Any]] = []
        var start = 0
        for page in pages {
            let object = try JSONSerialization.jsonObject(with: Data(body[start..<(start + page.length)]))
            json.append(try #require(object as? [String: Any]))
            start += page.length
        }
        #expect(start == body.count)
        return (pages, json)
    }

    @Test func `numbers are JSON's, and words are what they were`() throws {
        let (pages, json) = try Self.read(Self.layout())
        #expect(pages.map(\.number) == [4, 5])
        #expect(json[0]["height"] as? Double == 792.25 && json[1]["height"] is NSNull)
        let block = try #require((json[0]["blocks"] as? [[String: Any]])?.first)
        let box = try #require(block["box"] as? [Any])
        #expect(box[0] as? Double == 1.5 && box[1] as? Double == 0 && box[2] as? Double == 100 && box[3] is NSNull)
        let line = try #require((block["lines"] as? [[String: Any]])?.first)
        #expect((line["words"] as? [[String: Any]])?.first?["text"] as? String == "a <b> &amp; \"c\" '")
    }

    @Test func `what is cut off anywhere is refused, and crashes nothing`() throws {
        let whole = Self.layout()
        let end = try #require(whole.range(of: "</page>", options: .backwards)).upperBound
        for length in 0..<whole[..<end].utf8.count {
            let part = String(decoding: whole.utf8.prefix(length), as: UTF8.self)
            // Between two pages it is whole as far as it goes.
            guard let read = try? Self.read(part) else { continue }
            #expect(read.pages.count < 2)
        }
        for box in ["", "xMin=\"1\"", "yMin=\"1\" xMin=\"1\" xMax=\"1\" yMax=\"1\"", "xMin=1 yMin=1 xMax=1 yMax=1"] {
            #expect(throws: (any Error).self) { try Self.read(Self.layout(box)) }
        }
    }
}
