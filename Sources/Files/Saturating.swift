/// Arithmetic on numbers that come from outside: times of files, sizes, counts of blocks, what a record says.
///
/// Whoever can name a file can give it any number; a sum that does not fit ends at the largest or smallest number there is,
/// where `+` would end the process.
extension FixedWidthInteger {
    package func adding(saturating other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    package func subtracting(saturating other: Self) -> Self {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    package func multiplied(saturating other: Self) -> Self {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}
