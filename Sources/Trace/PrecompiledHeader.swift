package import Files

/// What clang's precompiled headers and modules say of the files that they were made from.
package enum PrecompiledHeader {
    /// The first bytes of one.
    private static let magic = Array("CPCH".utf8)
    /// As much as the names of a hundred thousand files take.
    private static let limit = 16 << 20

    // Numbers of blocks and records: clang/include/clang/Serialization/ASTBitCodes.h, the same since clang 5.
    private static let controlBlock: UInt64 = 15
    private static let inputFilesBlock: UInt64 = 16
    private static let importRecord: UInt64 = 2
    private static let inputFileRecord: UInt64 = 1

    /// True for a file at `path` that is one and holds the times of the files that it was made from; also where that cannot be told.
    ///
    /// clang compares them with those of the files that are there, and uses none whose files have other ones. Made with
    /// `-fno-pch-timestamp` it holds none.
    package static func holdsTimes(_ path: Path) -> Bool {
        guard isOne(path), let bytes = try? RegularFile.head(of: path, count: limit) else { return false }
        return holdsTimes(bytes)
    }

    /// True for a file at `path` that is a precompiled header, or a module, of clang's.
    package static func isOne(_ path: Path) -> Bool {
        (try? RegularFile.head(of: path, count: magic.count))?.elementsEqual(magic) ?? false
    }

    /// The same for the bytes of one: anybody may have written them.
    package static func holdsTimes(_ bytes: [UInt8]) -> Bool { (try? isWithoutTimes(bytes)) != true }

    /// The least of one, without times: a control block with two files, one in a record that has a shape, and one in a plain record.
    package static let example: [UInt8] = [
        0x43, 0x50, 0x43, 0x48, 0x3D, 0x08, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x41, 0x0C, 0x00, 0x00,
        0x06, 0x00, 0x00, 0x00, 0x2A, 0x03, 0xC8, 0x90, 0x21, 0xA3, 0x0C, 0xD8, 0x04, 0x18, 0x00, 0x00,
        0x78, 0x2E, 0x68, 0x00, 0x0B, 0x06, 0xE1, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ]

    private static func isWithoutTimes(_ bytes: [UInt8]) throws(Bitstream.Malformed) -> Bool {
        var stream = Bitstream(bytes, after: magic.count)
        while case .block(let number) = try stream.next() {
            if number == controlBlock { return try isWithoutTimes(&stream) }
            stream.skip()
        }
        return false
    }

    /// Reads the control block, which says what it was made from.
    ///
    /// A file is its number, its size, its time, and more. Of another precompiled header or module the time is in it, too.
    private static func isWithoutTimes(_ stream: inout Bitstream) throws(Bitstream.Malformed) -> Bool {
        var (depth, files) = (1, 0)
        while depth > 0 {
            switch try stream.next() {
            case .endOfBlock: depth -= 1
            case .block(inputFilesBlock) where depth == 1: depth += 1
            case .block: stream.skip()
            case .record(inputFileRecord, let numbers) where depth == 2:
                guard numbers.count > 2, numbers[2] == 0 else { return false }
                files += 1
            case .record(importRecord, _) where depth == 1: return false
            case .record: break
            }
        }
        return files > 0
    }
}

extension Accesses {
    /// The same with contents in the place of sizes and times, where no precompiled header that clang has used holds a time.
    ///
    /// clang looks at the size of every file that one was made from, and opens none of them.
    package var withoutTimes: Accesses {
        guard !statuses.isEmpty else { return self }
        let precompiled = contents.map { Path(bytes: $0) }.filter(PrecompiledHeader.isOne)
        guard !precompiled.isEmpty, !precompiled.contains(where: PrecompiledHeader.holdsTimes) else { return self }
        var accesses = self
        accesses.contents.formUnion(statuses)
        accesses.statuses = []
        return accesses
    }
}
