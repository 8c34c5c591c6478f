import HydrogenProtocol

/// Where the parsers are known to differ, and why we are content with it. Everything else is a finding.
enum KnownDifference: String, CaseIterable {
    /// Both keep numbers in 64 bits or a Double, and refuse what does not fit; we keep the text of any number.
    case hugeNumber
    /// Foundation refuses a number that is too close to zero for a normal Double.
    case tinyNumber
    /// We refuse more than 1,024 levels; simdjson was given 4,096; Foundation refuses more than 512.
    case depth
    /// Foundation guesses UTF-16 and UTF-32 from a byte order mark or from zeros among the first four bytes, and takes
    /// the mark of UTF-8; we take UTF-8 without a mark alone.
    case encoding
    /// Foundation takes a comma behind the last element of an array or the last member of an object.
    case trailingComma
    /// JSONDecoder reads strings and numbers when they are asked for, and of members with the same name asks for one:
    /// what is wrong inside the others it does not see. JSONSerialization and simdjson do, and agree with us.
    case unreadByDecoder
    /// JSONSerialization drops U+FEFF at the start of a string or name; simdjson keeps it, as we do.
    case markInText
    /// Foundation traps on a text that ends with the bracket that opens level 513, instead of refusing it: it is not
    /// asked. We refuse the text, as simdjson does.
    case trap

    var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// - Returns: Why Foundation cannot be asked about a text.
    static func ofAsking(_ bytes: [UInt8]) -> KnownDifference? {
        guard let last = bytes.last, "[{".utf8.contains(last) else { return nil }
        return self.openLevels(bytes) == 513 ? .trap : nil
    }

    /// How many objects and arrays are open at the end of a text.
    private static func openLevels(_ bytes: [UInt8]) -> Int {
        var levels = 0
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            if isInString {
                if byte == UInt8(ascii: "\""), !isEscaped { isInString = false }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "["), UInt8(ascii: "{"): levels += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): levels -= 1
                default: break
                }
            }
        }
        return levels
    }

    static func ofSimdjson(_ bytes: [UInt8], _ own: OwnVerdict) -> KnownDifference? {
        own.fault?.kind == .tooDeep ? .depth : nil
    }

    static func ofSerialization(_ bytes: [UInt8], _ own: OwnVerdict) -> KnownDifference? {
        self.ofFoundation(bytes, own)
    }

    /// - Parameter othersRefuse: Whether JSONSerialization refuses the text, too.
    static func ofDecoder(_ bytes: [UInt8], _ own: OwnVerdict, othersRefuse: Bool) -> KnownDifference? {
        if let known = self.ofFoundation(bytes, own) { return known }
        return own.fault != nil && othersRefuse ? .unreadByDecoder : nil
    }

    /// - Returns: Why the members of an envelope differ from those that Foundation found.
    static func ofMembers(_ bytes: [UInt8]) -> KnownDifference? {
        let hasEscapedMark = String(decoding: bytes, as: UTF8.self).lowercased().contains("\"\\ufeff")
        return hasEscapedMark || self.hasMarkBehindQuote(bytes) ? .markInText : nil
    }

    private static func hasMarkBehindQuote(_ bytes: [UInt8]) -> Bool {
        bytes.indices.dropFirst(3).contains { bytes[($0 - 3)...$0].elementsEqual([0x22, 0xef, 0xbb, 0xbf]) }
    }

    private static func ofFoundation(_ bytes: [UInt8], _ own: OwnVerdict) -> KnownDifference? {
        if own.fault?.kind == .tooDeep { return .depth }
        if own.fault == nil, own.hasHugeNumber { return .hugeNumber }
        if own.fault == nil, own.hasTinyNumber { return .tinyNumber }
        if own.fault == nil, own.nesting > 512 { return .depth }
        if own.fault != nil, self.looksLikeOtherEncoding(bytes) { return .encoding }
        if let stripped = self.withoutTrailingComma(bytes, own) {
            let verdict = OwnVerdict(stripped)
            return verdict.fault == nil || self.ofFoundation(stripped, verdict) != nil ? .trailingComma : nil
        }
        return nil
    }

    private static func looksLikeOtherEncoding(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0xef, 0xbb, 0xbf]) || bytes.starts(with: [0xfe, 0xff]) || bytes.starts(with: [0xff, 0xfe])
            || bytes.prefix(4).contains(0)
    }

    /// The text without the comma that our fault is about, if it is.
    private static func withoutTrailingComma(_ bytes: [UInt8], _ own: OwnVerdict) -> [UInt8]? {
        guard let fault = own.fault, fault.kind == .unexpectedByte, "]}".utf8.contains(bytes[fault.offset]),
            let comma = bytes[..<fault.offset].lastIndex(where: { !" \t\n\r".utf8.contains($0) }),
            bytes[comma] == UInt8(ascii: ",")
        else { return nil }
        var stripped = bytes
        stripped.remove(at: comma)
        return stripped
    }
}
