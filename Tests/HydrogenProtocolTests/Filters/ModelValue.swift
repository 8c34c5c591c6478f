/// A JSON value as a model: compared by its meaning, and written in any of the ways in which JSON can say it.
indirect enum ModelValue {
    case null
    case bool(Bool)
    /// This many hundredths.
    case number(Int)
    case string([Unicode.Scalar])
    case array([ModelValue])
    /// Names may repeat: the last one counts.
    case object([(name: String, value: ModelValue)])

    static let names = ["a", "b", "c", "ä", "state"]
    private static let scalars: [Unicode.Scalar] = ["a", "b", "ä", "\"", "\\", "\u{1}", "\u{ffff}", "😀", "/"]

    static func random(_ random: inout SeededGenerator, depth: Int) -> ModelValue {
        switch random.below(depth > 0 ? 8 : 6) {
        case 0: .null
        case 1: .bool(random.chance(1, in: 2))
        case 2, 3: .number(random.pick([0, 1, 100, 150, 200, 1_000, -100, -150, 12_345]))
        case 4, 5: .string((0..<random.below(3)).map { _ in random.pick(Self.scalars) })
        case 6: .array((0..<random.below(3)).map { _ in Self.random(&random, depth: depth - 1) })
        default: Self.randomObject(&random, depth: depth - 1)
        }
    }

    static func randomObject(_ random: inout SeededGenerator, depth: Int) -> ModelValue {
        .object((0..<random.below(4)).map { _ in (random.pick(Self.names), Self.random(&random, depth: depth)) })
    }

    // MARK: Its meaning

    /// The last member of each name, where it is an object.
    var members: [String: ModelValue]? {
        guard case .object(let members) = self else { return nil }
        return Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }

    func equals(_ other: ModelValue) -> Bool {
        switch (self, other) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.number(let left), .number(let right)): return left == right
        case (.string(let left), .string(let right)): return left == right
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.equals($1) }
        case (.object, .object):
            guard let left = self.members, let right = other.members else { return false }
            return left.count == right.count && left.allSatisfy { name, value in right[name].map(value.equals) ?? false }
        default: return false
        }
    }

    /// Whether it comes before the other; nil where there is no order.
    func precedes(_ other: ModelValue) -> Bool? {
        switch (self, other) {
        case (.number(let left), .number(let right)): left < right
        case (.string(let left), .string(let right)): left.lexicographicallyPrecedes(right)
        default: nil
        }
    }

    // MARK: Its text

    func text(_ random: inout SeededGenerator) -> String {
        let space = random.chance(1, in: 6) ? random.pick([" ", "\n", "\t "]) : ""
        switch self {
        case .null: return "null" + space
        case .bool(let value): return "\(value)" + space
        case .number(let hundredths): return Self.text(ofHundredths: hundredths, &random) + space
        case .string(let scalars): return Self.text(of: scalars, &random) + space
        case .array(let elements):
            var texts: [String] = []
            for element in elements { texts.append(element.text(&random)) }
            return "[\(space)\(texts.joined(separator: ","))]"
        case .object(let members):
            var texts: [String] = []
            for (name, value) in members {
                texts.append(Self.text(of: Array(name.unicodeScalars), &random) + ":" + value.text(&random))
            }
            return "{\(space)\(texts.joined(separator: ","))}"
        }
    }

    private static func text(ofHundredths hundredths: Int, _ random: inout SeededGenerator) -> String {
        let sign = hundredths < 0 ? "-" : ""
        let (units, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        let decimal = "\(sign)\(units)." + (rest < 10 ? "0" : "") + "\(rest)"
        let digits = hundredths == 0 ? "-0" : "\(hundredths)0"
        let forms = ["\(hundredths)e-2", "\(digits)E-03", decimal, decimal + "000", decimal + "e0"]
        return rest == 0 && random.chance(1, in: 2) ? "\(sign)\(units)" : random.pick(forms)
    }

    private static func text(of scalars: [Unicode.Scalar], _ random: inout SeededGenerator) -> String {
        var text = "\""
        for scalar in scalars {
            if random.chance(1, in: 4) || scalar.value < 0x20 || scalar == "\"" || scalar == "\\" {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: random.chance(1, in: 2))
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
