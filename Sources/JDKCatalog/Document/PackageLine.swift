/// A package as it stands in the document: fields are looked at where they are, and become text only when asked for.
struct PackageLine {
    private let bytes: UnsafeRawBufferPointer
    /// Where each field begins, and behind the last one where the next would.
    private var starts: [Int]

    /// For the lines of a document at `bytes`, which must outlive this.
    init(of bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        starts = [Int](repeating: 0, count: CatalogFormat.Field.allCases.count + 1)
    }

    /// Moves on to the line in `range`, without its end; false when that is no package's.
    mutating func move(to range: Range<Int>) -> Bool {
        guard range.count >= 2, bytes[range.lowerBound] == CatalogFormat.Tag.package,
            bytes[range.lowerBound + 1] == UInt8(ascii: "\t")
        else { return false }
        starts[0] = range.lowerBound + 2
        var field = 1
        for index in starts[0]..<range.upperBound where bytes[index] == UInt8(ascii: "\t") {
            guard field < starts.count - 1 else { return false }
            starts[field] = index + 1
            field += 1
        }
        starts[field] = range.upperBound + 1
        return field == starts.count - 1
    }

    private func bytes(_ field: CatalogFormat.Field) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[starts[field.rawValue]..<(starts[field.rawValue + 1] - 1)])
    }

    /// The field as text.
    subscript(field: CatalogFormat.Field) -> String { String(decoding: bytes(field), as: UTF8.self) }

    /// True when the field holds just `text`.
    func has(_ text: [UInt8], at field: CatalogFormat.Field) -> Bool {
        let found = bytes(field)
        guard found.count == text.count else { return false }
        for index in text.indices where found[index] != text[index] { return false }
        return true
    }

    func isEmpty(_ field: CatalogFormat.Field) -> Bool { bytes(field).isEmpty }

    /// All of it.
    var package: JDKPackage {
        var item = JDKPackage()
        item.distribution = self[.distribution]
        item.kind = self[.kind]
        item.javaVersion = self[.javaVersion]
        item.distributionVersion = self[.distributionVersion]
        item.operatingSystem = self[.operatingSystem]
        item.architecture = self[.architecture]
        item.libC = self[.libC]
        item.archive = self[.archive]
        item.support = self[.support]
        item.status = self[.status]
        item.hasJavaFX = self[.hasJavaFX] == "1"
        item.isLatestBuild = isEmpty(.isLatestBuild) ? nil : self[.isLatestBuild] == "1"
        item.size = Int64(self[.size])
        item.id = self[.id]
        item.filename = self[.filename]
        item.url = self[.url]
        item.checksumKind = self[.checksumKind]
        item.checksum = self[.checksum]
        return item
    }
}
