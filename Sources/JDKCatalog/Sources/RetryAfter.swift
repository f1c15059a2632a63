/// How long a server asks us to wait (RFC 9110, section 10.2.3): seconds, or a date.
package enum RetryAfter {
    /// In seconds from `now`, itself in seconds since 1970; nil for what is neither.
    package static func seconds(_ text: String, now: Int64) -> Int64? {
        let words = text.split(separator: " ")
        if words.count == 1 { return Int64(text).flatMap { $0 >= 0 ? $0 : nil } }
        // Sun, 06 Nov 1994 08:49:37 GMT: the one form that servers may send.
        guard words.count == 6, words[5] == "GMT", let day = Int64(words[1]), (1...31).contains(day),
            let month = months.firstIndex(of: words[2]), let year = Int64(words[3]), (1970...9999).contains(year)
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int64($0) }
        guard time.count == 3, (0...23).contains(time[0]), (0...59).contains(time[1]), (0...60).contains(time[2]) else {
            return nil
        }
        let moment =
            days(year: year, month: Int64(month + 1), day: day) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
        return max(0, moment - now)
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Days from 1970-01-01 to a day of the Gregorian calendar.
    ///
    /// Years are counted from March, so that the day that some have more is their last.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }
}
