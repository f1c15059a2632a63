/// How many values lie between powers of two.
package struct Histogram {
    /// One range of values, from `lower` up to twice that.
    package struct Bin {
        package let lower: Int64
        package let count: Int
    }

    package let bins: [Bin]
    /// Half, nine of ten, and ninety-nine of a hundred values are at most these; 0 where there is none.
    package let median: Int64
    package let ninetieth: Int64
    package let ninetyNinth: Int64
    package let count: Int

    /// Takes values above 0.
    package init(of values: [Int64]) {
        let sorted = values.filter { $0 > 0 }.sorted()
        count = sorted.count
        func quantile(_ percent: Int) -> Int64 {
            sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * percent / 100)]
        }
        (median, ninetieth, ninetyNinth) = (quantile(50), quantile(90), quantile(99))
        guard let first = sorted.first, let last = sorted.last else {
            bins = []
            return
        }
        func exponent(_ value: Int64) -> Int { Int64.bitWidth - 1 - value.leadingZeroBitCount }
        var counts: [Int: Int] = [:]
        for value in sorted { counts[exponent(value), default: 0] += 1 }
        bins = (exponent(first)...exponent(last)).map { Bin(lower: 1 << $0, count: counts[$0] ?? 0) }
    }
}
