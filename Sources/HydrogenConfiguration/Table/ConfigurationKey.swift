import HydrogenProtocol

/// One key of the configuration file: the single place where it is declared. Decoding, validation, the name in the
/// environment, reload, documentation and the example file are all made from it.
package struct ConfigurationKey: Sendable {
    /// The names below `WebSocketServer`, joined with dots: `Delivery.AckTimeout`.
    package let path: String
    package let kind: ConfigurationKind
    /// Whether SIGHUP makes a changed value count.
    package let isReloadable: Bool
    /// What it means, in a sentence for `Documentation/Configuration.md` and the example file.
    package let summary: String
    /// The JSON text of the example file, where that is not the default.
    package let example: String?

    package init(
        _ path: String, _ kind: ConfigurationKind, reloadable: Bool = false, example: String? = nil,
        _ summary: String
    ) {
        self.path = path
        self.kind = kind
        self.isReloadable = reloadable
        self.summary = summary
        self.example = example
    }

    /// The key in faults: `WebSocketServer.Delivery.AckTimeout`.
    package var qualifiedPath: String { "\(ConfigurationTable.rootName).\(self.path)" }

    /// The variable that overrides it: `HYDROGEN_DELIVERY_ACK_TIMEOUT`.
    package var environmentName: String { ConfigurationEnvironment.name(of: self.path) }
}

/// A place in the configuration.
package typealias ConfigurationPath<Value> = any WritableKeyPath<Configuration, Value> & Sendable

/// What a key holds: its type, where the value goes, and what is allowed.
package enum ConfigurationKind: Sendable {
    case boolean(ConfigurationPath<Bool>)
    case integer(ConfigurationPath<Int>, ClosedRange<Int>)
    /// A number of seconds, fractions down to a millisecond; the range is in milliseconds.
    case duration(ConfigurationPath<Interval>, milliseconds: ClosedRange<Int>)
    /// A number, fractions down to a thousandth; place and range are in thousandths.
    case rate(ConfigurationPath<Int>, thousandths: ClosedRange<Int>)
    case choice(ConfigurationChoice)
    case text(ConfigurationPath<String>, TextRule)
    /// Absent (or null) unless it is given.
    case optionalText(ConfigurationPath<String?>, TextRule)
    case list(ConfigurationPath<[String]>, TextRule)
    /// Absent (or null) unless it is given: not the same as an empty list.
    case optionalList(ConfigurationPath<[String]?>, TextRule)
    /// An object of the keys below it in the table; null in its place switches the whole off.
    case limit(ConfigurationPath<Configuration.RateLimit?>)
    case blocking(ConfigurationPath<Configuration.Blocking?>)

    /// How many entries a list may have.
    package static let maxListCount = 1_000

    /// A number of seconds.
    static func seconds(_ path: ConfigurationPath<Interval>, _ range: ClosedRange<Int>) -> ConfigurationKind {
        .duration(path, milliseconds: range.lowerBound * 1_000...range.upperBound * 1_000)
    }

    /// Whether it is an object that null can replace.
    package var isGroup: Bool {
        switch self {
        case .limit, .blocking: true
        case .boolean, .integer, .duration, .rate, .choice, .text, .optionalText, .list, .optionalList: false
        }
    }

    /// Whether the environment gives it as it stands, not as JSON.
    package var isText: Bool {
        switch self {
        case .choice, .text, .optionalText: true
        case .boolean, .integer, .duration, .rate, .list, .optionalList, .limit, .blocking: false
        }
    }
}

/// A key that takes one of a few words.
package struct ConfigurationChoice: Sendable {
    package let names: [String]
    package let get: @Sendable (Configuration) -> String
    /// False for a word that is none of `names`.
    package let set: @Sendable (inout Configuration, String) -> Bool

    package init<Value: RawRepresentable & CaseIterable & Sendable>(_ path: ConfigurationPath<Value>)
    where Value.RawValue == String {
        self.names = Value.allCases.map(\.rawValue)
        self.get = { $0[keyPath: path].rawValue }
        self.set = { configuration, name in
            guard let value = Value(rawValue: name) else { return false }
            configuration[keyPath: path] = value
            return true
        }
    }
}
