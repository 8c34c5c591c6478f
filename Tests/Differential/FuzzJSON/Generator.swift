/// Numbers from a seed (SplitMix64): the same ones on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below the bound.
    mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: self.next() % UInt64(bound)) }

    mutating func chance(_ count: Int, in total: Int) -> Bool { self.below(total) < count }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[self.below(elements.count)] }
}

/// Writes JSON texts: valid ones by the grammar, and broken ones by changing those.
struct TextGenerator {
    var random: SeededGenerator
    /// Texts that are changed now and then instead of new ones.
    let samples: [[UInt8]]

    mutating func next() -> [UInt8] {
        var out: [UInt8] = []
        switch self.random.below(10) {
        case 0 where !self.samples.isEmpty: out = self.random.pick(self.samples)
        case 1...4: self.envelope(&out)
        default: self.value(&out, depth: self.random.chance(1, in: 50) ? 40 : 4)
        }
        guard self.random.chance(3, in: 5) else { return out }
        for _ in 0...self.random.below(3) { self.change(&out) }
        return out
    }

    // MARK: By the grammar

    private mutating func value(_ out: inout [UInt8], depth: Int) {
        self.space(&out)
        switch self.random.below(depth > 0 ? 10 : 6) {
        case 0: out += self.random.pick(["true", "false", "null"]).utf8
        case 1, 2: self.number(&out)
        case 3, 4, 5: self.text(&out)
        case 6, 7: self.object(&out, depth: depth - 1)
        default:
            out.append(UInt8(ascii: "["))
            for index in 0..<self.count(depth) {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                self.value(&out, depth: depth - 1)
            }
            self.space(&out)
            out.append(UInt8(ascii: "]"))
        }
        self.space(&out)
    }

    private mutating func object(_ out: inout [UInt8], depth: Int) {
        out.append(UInt8(ascii: "{"))
        for index in 0..<self.count(depth) {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            self.space(&out)
            self.text(&out)
            self.space(&out)
            out.append(UInt8(ascii: ":"))
            self.value(&out, depth: depth)
        }
        self.space(&out)
        out.append(UInt8(ascii: "}"))
    }

    /// How many elements; deep texts are narrow, so that they end.
    private mutating func count(_ depth: Int) -> Int { depth > 8 ? 1 : self.random.below(5) }

    private mutating func space(_ out: inout [UInt8]) {
        guard self.random.chance(1, in: 8) else { return }
        for _ in 0...self.random.below(3) { out.append(self.random.pick([0x20, 0x09, 0x0a, 0x0d])) }
    }

    private mutating func number(_ out: inout [UInt8]) {
        if self.random.chance(1, in: 3) {
            out += self.random.pick(Self.numbers).utf8
            return
        }
        if self.random.chance(1, in: 3) { out.append(UInt8(ascii: "-")) }
        if self.random.chance(1, in: 4) { out.append(UInt8(ascii: "0")) } else { self.digits(&out, first: 1) }
        if self.random.chance(1, in: 3) {
            out.append(UInt8(ascii: "."))
            self.digits(&out, first: 0)
        }
        if self.random.chance(1, in: 3) {
            out += self.random.pick(["e", "E", "e+", "e-", "E+", "E-"]).utf8
            out += String(self.random.below(self.random.chance(1, in: 10) ? 1000 : 20)).utf8
        }
    }

    private mutating func digits(_ out: inout [UInt8], first: Int) {
        out += String(first + self.random.below(10 - first)).utf8
        for _ in 0..<self.random.below(self.random.chance(1, in: 8) ? 40 : 6) {
            out += String(self.random.below(10)).utf8
        }
    }

    private mutating func text(_ out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for _ in 0..<self.random.below(self.random.chance(1, in: 6) ? 60 : 10) {
            switch self.random.below(16) {
            case 0: out += self.random.pick(Self.escapes).utf8
            case 1: out += self.random.pick(Self.scalars).utf8
            case 2:
                // Any scalar, written as an escape.
                let unit = UInt16(truncatingIfNeeded: self.random.next())
                if unit & 0xf800 != 0xd800 { out += Self.escape(of: unit).utf8 }
            case 3:
                out += Self.escape(of: 0xd800 + UInt16(self.random.below(0x400))).utf8
                out += Self.escape(of: 0xdc00 + UInt16(self.random.below(0x400))).utf8
            default: out.append(self.random.pick(Self.letters))
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func escape(of unit: UInt16) -> String {
        let digits = String(unit, radix: 16, uppercase: unit & 1 == 1)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// A message that has a fair chance to be a right one.
    private mutating func envelope(_ out: inout [UInt8]) {
        var members: [[UInt8]] = []
        for (name, values) in Self.members where !self.random.chance(1, in: 30) {
            var member = Array("\"\(name)\":".utf8)
            if self.random.chance(1, in: 20) {
                self.value(&member, depth: 2)
            } else {
                // The first value is a right one.
                member += (self.random.chance(2, in: 3) ? values[0] : self.random.pick(values)).utf8
            }
            members.append(member)
        }
        var data = Array("\"data\":".utf8)
        self.object(&data, depth: 3)
        members.append(data)
        if self.random.chance(1, in: 10) { members.append(self.random.pick(members)) }
        if self.random.chance(1, in: 2) { members.shuffle(using: &self.random) }
        out.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            self.space(&out)
            out += member
        }
        out.append(UInt8(ascii: "}"))
    }

    // MARK: Against the grammar

    private mutating func change(_ out: inout [UInt8]) {
        let place = self.random.below(out.count + 1)
        let end = min(out.count, place + 1 + self.random.below(8))
        switch self.random.below(9) {
        case 0: out.insert(UInt8(truncatingIfNeeded: self.random.next()), at: place)
        case 1 where place < out.count: out[place] = UInt8(truncatingIfNeeded: self.random.next())
        case 2 where place < out.count: out[place] ^= 1 << UInt8(self.random.below(8))
        case 3 where place < out.count: out.removeSubrange(place..<end)
        case 4: out.insert(contentsOf: self.random.pick(Self.fragments), at: place)
        case 5: out.removeSubrange(place...)
        case 6: out.insert(contentsOf: Array(out[place..<end]), at: self.random.below(out.count + 1))
        case 7 where place < out.count:
            let other = self.random.below(out.count)
            out.swapAt(place, other)
        case 8 where self.random.chance(1, in: 20):
            // Around the bounds of depth.
            let depth = self.random.pick([500, 511, 512, 513, 1022, 1023, 1024, 1025, 1030])
            let opening = self.random.chance(1, in: 2) ? "[" : "{\"a\":"
            var deep: [UInt8] = []
            for _ in 0..<depth { deep += opening.utf8 }
            deep += out
            for _ in 0..<depth { deep.append(opening == "[" ? UInt8(ascii: "]") : UInt8(ascii: "}")) }
            out = deep
        default: out.append(self.random.pick(Self.letters))
        }
    }

    private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789 _-./:;,{}[]<>&'".utf8)
    private static let escapes = ["\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0000", "\\u007f"]
    private static let scalars = [
        "ä", "ß", "€", "日", "😀", "\u{7f}", "\u{80}", "\u{7ff}", "\u{800}", "\u{ffff}", "\u{10ffff}",
    ]
    private static let numbers = [
        "0", "-0", "1", "-1", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1e308", "1e309", "-1e400", "1e-400",
        "0e99999", "1.7976931348623157e308", "1.7976931348623159e308", "0.1", "100000000000000000001", "1e1", "5e-324",
    ]
    private static let members = [
        ("type", ["\"command\"", "\"command\"", "\"ack\"", "\"event\"", "\"response\"", "\"other\""]),
        ("id", ["\"1\"", "\"c-000017\"", "\"\\u00e4\"", "\"\""]),
        ("timestamp", ["\"2026-11-24T00:15:42.123Z\"", "\"2024-02-29T23:59:60Z\"", "\"2023-02-29T00:00:00Z\""]),
        ("channel", ["\"print\"", "\"sys\\u0074em\"", "\"Print\""]),
        ("action", ["\"publish\"", "\"job.progress\"", "\"job..x\""]),
        ("auth", ["{\"token\":\"st_0123\"}", "{}", "{\"token\":\"a\",\"signature\":\"00\"}", "{\"token\":1}"]),
        ("offset", ["1", "17", "1.0", "0"]),
    ]
    /// What tends to break a scanner.
    private static let fragments: [[UInt8]] =
        [
            "\"", "\\", "\\u", "\\ud800", "\\udc00", "\\ud83d\\ude00", "\\u12", "\\x", "{", "}", "[", "]", ":", ",", "-",
            "+", ".", "e", "0", "00", "1e", "1.", ".1", "-0", "true", "false", "null", "nul", "NaN", "Infinity", "//",
            "/**/", "'", "{}", "[]", "\"\":", "\u{feff}", "\u{a0}", "\u{2028}", "\0", "\u{1}", "\u{1f}", "\u{7f}",
            "\u{b}", "\u{c}", ",,", "[,", "{,", ",]", ",}",
        ].map { Array($0.utf8) } + [
            [0x80], [0xbf], [0xc0, 0xaf], [0xc1, 0xbf], [0xc2], [0xc2, 0x80], [0xe0, 0x80, 0x80], [0xe0, 0xa0, 0x80],
            [0xed, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xee, 0x80, 0x80], [0xef, 0xbf, 0xbf],
            [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf0, 0x90, 0x80, 0x80], [0xf4, 0x8f, 0xbf, 0xbf],
            [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xfe, 0xff], [0xff, 0xfe], [0xef, 0xbb, 0xbf],
        ]
}
