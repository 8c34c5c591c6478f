extension [UInt8] {
    /// Appends a JSON string with its quotes.
    ///
    /// - Parameter text: UTF-8 that was checked. Quotes, backslashes and control characters are escaped.
    package mutating func append(jsonString text: Span<UInt8>) {
        self.append(atMost: text.maxJSONStringCount) { $0.append(jsonString: text) }
    }

    /// Appends a JSON string with its quotes.
    package mutating func append(jsonString text: String) {
        self.append(jsonString: text.utf8.span)
    }
}
