import HydrogenProtocol

/// A place in the configuration.
package typealias ConfigurationPath<Value> = any WritableKeyPath<Configuration, Value> & Sendable

/// What a key holds: its type, where the value goes, and what is allowed.
package typealias ConfigurationKind = ValueSlot<Configuration>

extension ValueSlot where Root == Configuration {
    /// How many entries a list may have.
    package static var maxListCount: Int { 1_000 }

    static func boolean(_ path: ConfigurationPath<Bool>) -> Self { Self(path, .boolean) }

    static func integer(_ path: ConfigurationPath<Int>, _ range: ClosedRange<Int>) -> Self { Self(path, .integer(range)) }

    /// A number of seconds, fractions down to a millisecond; the range is in milliseconds.
    static func duration(_ path: ConfigurationPath<Interval>, milliseconds range: ClosedRange<Int>) -> Self {
        Self(path, .seconds(milliseconds: range))
    }

    /// A number of seconds.
    static func seconds(_ path: ConfigurationPath<Interval>, _ range: ClosedRange<Int>) -> Self {
        Self(path, .seconds(milliseconds: range.lowerBound * 1_000...range.upperBound * 1_000))
    }

    /// A number, fractions down to a thousandth; place and range are in thousandths.
    static func rate(_ path: ConfigurationPath<Int>, thousandths range: ClosedRange<Int>) -> Self {
        Self(path, .decimal(range, places: 3))
    }

    static func choice<Value: RawRepresentable & CaseIterable & Sendable>(_ path: ConfigurationPath<Value>) -> Self
    where Value.RawValue == String {
        Self(path, .word)
    }

    static func text(_ path: ConfigurationPath<String>, _ rule: TextRule) -> Self { Self(path, .text(rule)) }

    /// Absent (or null) unless it is given.
    static func optionalText(_ path: ConfigurationPath<String?>, _ rule: TextRule) -> Self {
        Self(path, ValueForm.text(rule).optional)
    }

    static func list(_ path: ConfigurationPath<[String]>, _ rule: TextRule) -> Self {
        Self(path, ValueForm.text(rule).list(0...self.maxListCount, isUnique: true))
    }

    /// Absent (or null) unless it is given: not the same as an empty list.
    static func optionalList(_ path: ConfigurationPath<[String]?>, _ rule: TextRule) -> Self {
        Self(path, ValueForm.text(rule).list(0...self.maxListCount, isUnique: true).optional)
    }

    /// An object of the keys below it in the table; null in its place switches the whole off.
    static func limit(_ path: ConfigurationPath<Configuration.RateLimit?>) -> Self {
        self.group(path) { limit in
            let rate = ExactDecimal.text(limit.thousandthsPerSecond, places: 3)
            return "{\"Rate\": \(rate), \"Burst\": \(limit.burst), \"DryRun\": \(limit.dryRun)}"
        }
    }

    /// An object of the keys below it in the table; null in its place switches the whole off.
    static func blocking(_ path: ConfigurationPath<Configuration.Blocking?>) -> Self {
        self.group(path) { blocking in
            let seconds = [blocking.window, blocking.duration, blocking.maximum].map {
                ExactDecimal.text(Int($0.milliseconds), places: 3)
            }
            return "{\"After\": \(blocking.after), \"Window\": \(seconds[0]), \"Duration\": \(seconds[1]), "
                + "\"Maximum\": \(seconds[2]), \"DryRun\": \(blocking.dryRun)}"
        }
    }

    /// A group by itself is only ever null: `ConfigurationReader` reads its members as the keys that they are.
    private static func group<Value: Sendable>(
        _ path: ConfigurationPath<Value?>, json: @escaping @Sendable (Value) -> String
    ) -> Self {
        let members = TableDescription(name: "", summary: "", members: [])
        let form = ValueForm<Value?>(.optional(.object(members))) { found, reading in
            if found.value.kind == .null { return .some(nil) }
            reading.refuse(found, "must be an object or null", allowed: "an object or null")
            return nil
        } json: { value in
            value.map(json) ?? "null"
        }
        return Self(path, form)
    }

    /// Whether it is an object that null can replace.
    package var isGroup: Bool {
        if case .optional(.object) = self.sort { true } else { false }
    }

    /// Whether the environment gives it as it stands, not as JSON.
    package var isText: Bool {
        switch self.sort {
        case .word, .text, .optional(.text): true
        default: false
        }
    }
}
