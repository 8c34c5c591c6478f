/// A path that a client gave, relative to the root: names joined by `/`. The empty path is the root itself.
///
/// Whatever could lead elsewhere, or means different things to different readers, is refused by its form alone:
/// `..` and `.`, a leading, trailing or double `/`, control characters (NUL too), and the service's own names.
struct FilePath: Sendable {
    /// Names that begin so are the service's own: clients neither see nor reach them.
    static let reservedPrefix = ".hydrogen-"
    /// What Linux allows for one name.
    static let maximumNameBytes = 255

    let text: String
    let names: [String]

    init(_ text: String, limits: FileLimits) throws(FileRefusal) {
        guard text.utf8.count <= limits.maximumPathBytes else {
            throw FileRefusal(.invalidData, "a path of \(text.utf8.count) bytes")
        }
        var names: [String] = []
        if !text.isEmpty {
            for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
                let name = String(Substring(part))
                guard Self.isName(name) else { throw FileRefusal(.invalidData, "the path \"\(text)\"") }
                names.append(name)
                guard names.count <= limits.maximumPathDepth else {
                    throw FileRefusal(.invalidData, "a path deeper than \(limits.maximumPathDepth)")
                }
            }
        }
        self.text = text
        self.names = names
    }

    /// Whether clients can name this; a name that they cannot is not listed to them either.
    static func isName(_ name: String) -> Bool {
        let bytes = name.utf8
        return !bytes.isEmpty && bytes.count <= Self.maximumNameBytes && name != "." && name != ".."
            && !bytes.contains { $0 < 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "/") }
            && !bytes.starts(with: Self.reservedPrefix.utf8, by: Self.isSameLetter)
    }

    /// Equal but for the case of ASCII letters, which some file systems disregard.
    private static func isSameLetter(_ left: UInt8, _ right: UInt8) -> Bool {
        left == right || ((0x41...0x5a).contains(left) && left | 0x20 == right)
    }

    /// The names of the folder that holds it; nothing holds the root.
    var parent: ArraySlice<String> { self.names.dropLast() }

    /// Its own name; nil of the root.
    var name: String? { self.names.last }

    /// Whether the two name the same, byte by byte: `String` takes different spellings of one character for equal.
    func isSame(as other: FilePath) -> Bool { self.text.utf8.elementsEqual(other.text.utf8) }

    /// Whether it is the other one, or within it.
    func isWithin(_ other: FilePath) -> Bool {
        self.names.count >= other.names.count
            && zip(self.names, other.names).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}
