/// The variables that override keys of the file.
package enum ConfigurationEnvironment {
    package static let prefix = "HYDROGEN_"

    /// Variables of the clients' subcommands, which no configuration knows.
    package static let otherNames = ["HYDROGEN_KEY"]

    /// The name of a key's variable: `RateLimits.MaxRateViolations` is `HYDROGEN_RATE_LIMITS_MAX_RATE_VIOLATIONS`.
    package static func name(of path: String) -> String {
        self.prefix + path.split(separator: ".").map { self.upperSnake($0) }.joined(separator: "_")
    }

    /// Keys and sections by the names of their variables.
    static let paths: [String: String] = {
        var paths: [String: String] = [:]
        for path in ConfigurationTable.sections + ConfigurationTable.keys.map(\.path) {
            paths[name(of: path)] = path
        }
        return paths
    }()

    /// `MaxJSONDepth` is `MAX_JSON_DEPTH`: a word begins at a capital letter behind a small one, and at the last of
    /// several capital letters before a small one. `IPv6` is one word.
    private static func upperSnake(_ name: Substring) -> String {
        var letters = Array(name.utf8)
        if name.hasSuffix("IPv6") { letters.replaceSubrange((letters.count - 3)..<(letters.count - 2), with: [0x70]) }
        var words: [UInt8] = []
        for (index, letter) in letters.enumerated() {
            let isCapital = self.isCapital(letter)
            let followsSmall = index > 0 && !self.isCapital(letters[index - 1])
            let precedesSmall = index > 0 && index + 1 < letters.count && !self.isCapital(letters[index + 1])
            if isCapital, followsSmall || precedesSmall { words.append(UInt8(ascii: "_")) }
            words.append((0x61...0x7a).contains(letter) ? letter - 0x20 : letter)
        }
        return String(decoding: words, as: UTF8.self)
    }

    private static func isCapital(_ letter: UInt8) -> Bool { (0x41...0x5a).contains(letter) }
}
