import HydrogenConfiguration
import HydrogenProtocol
import HydrogenSimulation

extension ValueForm where Value == Interval {
    /// Times of a simulation: up to ten years.
    static var time: ValueForm { .span(.zero...Interval.seconds(3_650 * 86_400)) }

    /// The same without zero.
    static var duration: ValueForm { .span(Interval(nanoseconds: 1_000)...Interval.seconds(3_650 * 86_400)) }

    /// A jump of a clock: `+1h`, `-250ms`.
    static var jump: ValueForm {
        .parsed("a time with its sign, as \"+1h\" or \"-250ms\"", regex: "^[+-][0-9dhmsu]+$") { text in
            guard let sign = text.first, sign == "+" || sign == "-", let span = SpanText.read(String(text.dropFirst()))
            else { return nil }
            return Interval(nanoseconds: sign == "-" ? -span.nanoseconds : span.nanoseconds)
        } text: { value in
            let size = Interval(nanoseconds: abs(value.nanoseconds))
            return "\(value.nanoseconds < 0 ? "-" : "+")\(SpanText.text(of: size))"
        }
    }
}

extension ValueForm where Value == Delay {
    /// `5ms`, `1ms to 5ms`, `1ms mostly 20ms to 2s`.
    static var delay: ValueForm {
        .parsed(
            "a time \"5ms\", any between two \"1ms to 5ms\", or with a long tail \"1ms mostly 20ms to 2s\"",
            regex: "^[0-9dhmsu]+( (mostly [0-9dhmsu]+ )?to [0-9dhmsu]+)?$", parse: Self.parse, text: Self.text)
    }

    private static func parse(_ text: String) -> Delay? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let spans = stride(from: 0, to: words.count, by: 2).compactMap { SpanText.read(words[$0]) }
        let joints = stride(from: 1, to: words.count, by: 2).map { words[$0] }
        guard spans.count * 2 - 1 == words.count, spans == spans.sorted(),
            (spans.last ?? .zero) <= Interval.seconds(3_650 * 86_400)
        else { return nil }
        switch joints {
        case []: return .fixed(spans[0])
        case ["to"]: return .uniform(spans[0], spans[1])
        case ["mostly", "to"]: return .longTail(least: spans[0], typical: spans[1], most: spans[2])
        default: return nil
        }
    }

    private static func text(_ delay: Delay) -> String {
        switch delay {
        case .fixed(let span): SpanText.text(of: span)
        case .uniform(let least, let most): "\(SpanText.text(of: least)) to \(SpanText.text(of: most))"
        case .longTail(let least, let typical, let most):
            "\(SpanText.text(of: least)) mostly \(SpanText.text(of: typical)) to \(SpanText.text(of: most))"
        }
    }
}

extension ValueForm where Value == ClientGroup.Arrival {
    /// `0s`, `0s to 10s`, `0s to 10s evenly`.
    static var arrival: ValueForm {
        .parsed(
            "a time for all \"5s\", a random one for each \"0s to 10s\", or equal distances \"0s to 10s evenly\"",
            regex: "^[0-9dhmsu]+( to [0-9dhmsu]+( evenly)?)?$", parse: Self.parse, text: Self.text)
    }

    private static func parse(_ text: String) -> ClientGroup.Arrival? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard let first = words.first.flatMap(SpanText.read) else { return nil }
        if words.count == 1 { return .atOnce(first) }
        guard words.count <= 4, words.count >= 3, words[1] == "to", let last = SpanText.read(words[2]), first <= last
        else { return nil }
        let over = Interval(nanoseconds: last.nanoseconds - first.nanoseconds)
        if words.count == 3 { return .randomly(from: first, over: over) }
        return words[3] == "evenly" ? .evenly(from: first, over: over) : nil
    }

    private static func text(_ arrival: ClientGroup.Arrival) -> String {
        switch arrival {
        case .atOnce(let at): SpanText.text(of: at)
        case .randomly(let from, let over): "\(SpanText.text(of: from)) to \(SpanText.text(of: from + over))"
        case .evenly(let from, let over): "\(SpanText.text(of: from)) to \(SpanText.text(of: from + over)) evenly"
        }
    }
}
