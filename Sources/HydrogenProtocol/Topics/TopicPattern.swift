/// Which actions a subscription is about: segments joined by dots, where `*` stands for exactly one segment, and `**`,
/// as the last, for one or more. `**` alone stands for every action.
package struct TopicPattern: Sendable, Hashable {
    package enum Fault: Error, Sendable, Hashable, CaseIterable {
        /// Not 1 to 128 bytes.
        case length
        /// A segment that is neither `[a-z][a-z0-9_-]*` nor a star.
        case segment
        /// `**` with something behind it.
        case starsNotLast
    }

    package static let maxCount = ActionName.maxCount

    /// As it was given.
    package let text: [UInt8]

    package init(_ text: Span<UInt8>) throws(Fault) {
        guard !text.isEmpty, text.count <= Self.maxCount else { throw .length }
        var segments = TopicSegments()
        while let range = segments.next(in: text) {
            let segment = text.extracting(range.indices)
            if segment.isEqual(to: "**") {
                guard Int(range.upperBound) == text.count else { throw .starsNotLast }
            } else if !segment.isEqual(to: "*") {
                // An action of one segment is a name.
                guard ActionName.isValid(segment), !segment.contains(UInt8(ascii: ".")) else { throw .segment }
            }
        }
        self.text = [UInt8](text)
    }

    package init(_ text: String) throws(Fault) {
        try self.init(text.utf8.span)
    }

    package func matches(_ action: Span<UInt8>) -> Bool {
        let text = self.text.span
        var own = TopicSegments()
        var theirs = TopicSegments()
        while true {
            let pattern = own.next(in: text)
            let segment = theirs.next(in: action)
            guard let pattern, let segment else { return pattern == nil && segment == nil }
            let name = text.extracting(pattern.indices)
            if name.isEqual(to: "**") { return true }
            guard name.isEqual(to: "*") || name.isEqual(to: action.extracting(segment.indices)) else { return false }
        }
    }
}

/// Goes through what stands between the dots of an action or a pattern.
struct TopicSegments: Sendable {
    private var index = 0

    mutating func next(in text: Span<UInt8>) -> ByteRange? {
        guard self.index <= text.count else { return nil }
        let start = self.index
        var end = start
        while end < text.count, text[end] != UInt8(ascii: ".") { end &+= 1 }
        self.index = end &+ 1
        return ByteRange(start, end)
    }
}

extension Span where Element == UInt8 {
    fileprivate func contains(_ byte: UInt8) -> Bool { self.indices.contains { self[$0] == byte } }
}
