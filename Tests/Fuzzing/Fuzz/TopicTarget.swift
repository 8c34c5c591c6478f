import HydrogenProtocol

/// Two patterns, an action, a filter and the data of an event, one to a line: patterns and their index match as a
/// simpler matcher does, and a filter says the same twice.
func fuzzTopic(_ input: [UInt8]) {
    var reader = InputReader(input)
    let texts = [reader.line(), reader.line()]
    let action = reader.line()
    if ActionName.isValid(action.span) { fuzzPatterns(texts, action) }
    fuzzFilter(reader.line(), reader.remaining())
}

private func fuzzPatterns(_ texts: [[UInt8]], _ action: [UInt8]) {
    var index = TopicIndex(seed: 1)
    var patterns: [(number: UInt32, pattern: TopicPattern)] = []
    for (number, text) in texts.enumerated() {
        guard let pattern = try? TopicPattern(text.span) else { continue }
        require(
            pattern.matches(action.span) == matches(segments(text), segments(action)),
            "\(String(decoding: text, as: UTF8.self)) and \(String(decoding: action, as: UTF8.self))")
        patterns.append((UInt32(number), pattern))
        index.insert(UInt32(number), under: pattern)
    }
    var found: [UInt32] = []
    index.appendMatches(of: action.span, to: &found)
    let expected = patterns.filter { $0.pattern.matches(action.span) }.map(\.number)
    require(found.sorted() == expected, "the index finds \(found), not \(expected)")
    for entry in patterns { require(index.remove(entry.number, under: entry.pattern), "a pattern is not in the index") }
    require(index.count == 0 && index.nodeCount == 1, "an index without patterns has nodes")
}

private func segments(_ text: [UInt8]) -> ArraySlice<String> {
    text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }[...]
}

/// The same by recursion, without a thought for speed.
private func matches(_ pattern: ArraySlice<String>, _ action: ArraySlice<String>) -> Bool {
    guard let first = pattern.first, let segment = action.first else { return pattern.isEmpty && action.isEmpty }
    if first == "**" { return true }
    return (first == "*" || first == segment) && matches(pattern.dropFirst(), action.dropFirst())
}

private func fuzzFilter(_ filterText: [UInt8], _ dataText: [UInt8]) {
    guard let filterValue = try? JSONScanner.validate(filterText.span, maxDepth: 32),
        let filter = try? Filter(filterValue, in: filterText.span),
        let members = (try? JSONScanner.validate(dataText.span, maxDepth: 32))?.members
    else { return }
    var data = EventData()
    data.read(members, in: dataText.span)
    let isWanted = filter.matches(&data, in: dataText.span)
    data.read(members, in: dataText.span)
    require(filter.matches(&data, in: dataText.span) == isWanted, "a filter says two things of one event")
}
