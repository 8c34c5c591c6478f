/// Which actions a subscription is about: segments joined by dots, where `*` stands for exactly one segment and `**`,
/// at the end only, for one or more. `**` alone is every action.
package struct TopicPattern: Sendable, Hashable {
    /// The segments before `**`, in order.
    package let segments: [TopicSegment]
    /// Whether `**` ends it.
    package let endsWithRest: Bool

    /// nil for what is no topic, or has more than `ActionName.maxCount` bytes.
    package init?(_ text: Span<UInt8>) {
        guard !text.isEmpty, text.count <= ActionName.maxCount else { return nil }
        var segments: [TopicSegment] = []
        var endsWithRest = false
        var start = 0
        for index in 0...text.count where index == text.count || text[index] == UInt8(ascii: ".") {
            let segment = Array(copying: text.extracting(start..<index))
            start = index + 1
            guard !endsWithRest else { return nil }
            if segment == [UInt8(ascii: "*"), UInt8(ascii: "*")] {
                endsWithRest = true
            } else if segment == [UInt8(ascii: "*")] {
                segments.append(.any)
            } else if ActionName.isValid(segment.span) {
                segments.append(.name(segment))
            } else {
                return nil
            }
        }
        self.segments = segments
        self.endsWithRest = endsWithRest
    }

    /// Whether it is about this action, which is valid.
    package func matches(_ action: Span<UInt8>) -> Bool {
        var rest = ActionSegments(action)
        for segment in self.segments {
            guard let range = rest.next(in: action) else { return false }
            if case .name(let name) = segment, !name.span.isEqual(to: action.extracting(range)) { return false }
        }
        return (rest.next(in: action) != nil) == self.endsWithRest
    }
}

/// One segment of a topic.
package enum TopicSegment: Sendable, Hashable {
    case name([UInt8])
    /// `*`: exactly one segment, whatever it is.
    case any
}

/// Goes through the segments of an action.
struct ActionSegments {
    private var start = 0

    init(_ action: Span<UInt8>) {}

    mutating func next(in action: Span<UInt8>) -> Range<Int>? {
        guard self.start <= action.count else { return nil }
        var end = self.start
        while end < action.count, action[end] != UInt8(ascii: ".") { end += 1 }
        defer { self.start = end + 1 }
        return self.start..<end
    }
}
