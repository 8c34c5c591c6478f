import HydrogenProtocol

/// JSON with `//` and `/* */` comments: what every file that people write is in.
package enum CommentedJSON {
    /// Reads a text, and tells where it is no JSON.
    ///
    /// - Parameter name: What the fault calls it.
    package static func read(
        _ text: [UInt8], name: String, maxDepth: Int
    ) throws(ConfigurationFault) -> (source: ValueSource, root: JSONValue) {
        var bytes = text
        do {
            try CommentEraser.erase(&bytes)
            let root = try JSONScanner.validate(bytes.span, maxDepth: maxDepth)
            return (ValueSource(bytes, .file(text)), root)
        } catch {
            let place = ValueSource.place(of: error.offset, in: text)
            throw ConfigurationFault(name, "\(place): \(error.text)", allowed: "JSON with // and /* */ comments")
        }
    }
}
