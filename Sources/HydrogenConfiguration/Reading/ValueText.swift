import HydrogenProtocol

/// How faults show what they found.
enum ValueText {
    private static let maxCount = 60

    /// The value as it is written, cut short; of objects and lists only what they are.
    static func of(_ value: JSONValue, in bytes: [UInt8]) -> String {
        switch value.kind {
        case .object: return "an object"
        case .array: return "a list"
        case .string, .number, .true, .false, .null:
            let text = String(decoding: bytes[value.range.indices], as: UTF8.self)
            return text.count > self.maxCount ? "\(text.prefix(self.maxCount))…" : text
        }
    }
}

/// Helps whoever mistyped a name.
enum Spelling {
    /// `unknown key`, and the name that was probably meant.
    static func unknown(_ name: String, among names: [String]) -> String {
        self.nearest(name, among: names).map { "unknown key, did you mean \($0)?" } ?? "unknown key"
    }

    /// The name that was probably meant.
    static func nearest(_ name: String, among names: [String]) -> String? {
        let near = names.map { (name: $0, distance: self.distance(name.lowercased(), $0.lowercased())) }
            .min { $0.distance < $1.distance }
        guard let near, near.distance <= 2, near.distance < near.name.utf8.count else { return nil }
        return near.name
    }

    /// How many letters must be put in, taken out or replaced (Levenshtein); names that are much longer are far away.
    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8.prefix(64))
        let right = Array(right.utf8.prefix(64))
        var row = Array(0...right.count)
        for (leftIndex, leftByte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = leftIndex + 1
            for (rightIndex, rightByte) in right.enumerated() {
                let replaced = diagonal + (leftByte == rightByte ? 0 : 1)
                diagonal = row[rightIndex + 1]
                row[rightIndex + 1] = min(replaced, diagonal + 1, row[rightIndex] + 1)
            }
        }
        return row[right.count]
    }
}
