internal import Files
internal import LarderStore

/// Which of the directories that a compile searches are the same one.
///
/// A compiler searches a directory once, whatever its names: a directory that becomes a link to another one moves to that
/// one's place, or that one to its own, and what is found first may be another file though every file is as it was.
enum DirectoryPartition {
    /// Identifies the partition; nil where every directory is another one, as nearly always.
    ///
    /// - Parameters:
    ///   - devices: the device of each directory.
    ///   - inodes: the inode of each, or 0 for one that is not there.
    static func value(devices: [UInt64], inodes: [UInt64]) -> Digest? {
        var key: KeyBuilder?
        let firsts = inodes.count > 64 ? firsts(devices, inodes) : []
        for index in inodes.indices where inodes[index] != 0 {
            var first = firsts.isEmpty ? 0 : firsts[index]
            while inodes[first] != inodes[index] || devices[first] != devices[index] { first += 1 }
            guard first < index else { continue }
            if key == nil { key = KeyBuilder(domain: "directories") }
            key?.add("directory", Int64(index))
            key?.add("is", Int64(first))
        }
        return key?.finish().digest
    }

    /// The first index of each directory; worth its making where there are many of them.
    private static func firsts(_ devices: [UInt64], _ inodes: [UInt64]) -> [Int] {
        let order = inodes.indices.sorted { one, other in
            if inodes[one] != inodes[other] { return inodes[one] < inodes[other] }
            return devices[one] == devices[other] ? one < other : devices[one] < devices[other]
        }
        var firsts = [Int](repeating: 0, count: inodes.count)
        for (place, index) in order.enumerated() {
            let before = place > 0 ? order[place - 1] : index
            let isSame = inodes[before] == inodes[index] && devices[before] == devices[index]
            firsts[index] = isSame ? firsts[before] : index
        }
        if let start = order.first { firsts[start] = start }
        return firsts
    }
}
