import HydrogenProtocol

/// One thing that was done to the server: a client that came, a step of a script, a fault, an entry of the timeline.
/// Its name is the same in every run of a scenario with the same seed, whatever else is left out, since each client and
/// each kind of fault draws from numbers of its own. So a failing run can be shrunk: run again with some left out.
package struct InputID: Sendable, Hashable, Comparable {
    package enum Source: UInt8, Sendable, CaseIterable {
        /// A client takes part; left out, it never comes.
        case client
        /// The n-th effective step of a client's script.
        case step
        /// The n-th strike of faults on a client's connections or, for those of the server itself, on the server.
        case fault
        /// The n-th entry of the timeline.
        case timeline
    }

    /// The subject of faults of the server itself.
    package static let server = 0xff_ffff

    /// Source, client (or 0, or `server`), and number, from the highest bits down: 8, 24 and 32 of them.
    package var bits: UInt64

    package init(bits: UInt64) { self.bits = bits }

    package init(_ source: Source, of subject: Int = 0, number: Int) {
        self.bits =
            UInt64(source.rawValue) << 56 | UInt64(UInt32(truncatingIfNeeded: subject) & 0xff_ffff) << 32
            | UInt64(UInt32(truncatingIfNeeded: number))
    }

    package var source: Source { Source(rawValue: UInt8(self.bits >> 56)) ?? .client }
    package var subject: Int { Int(self.bits >> 32 & 0xff_ffff) }
    package var number: Int { Int(self.bits & 0xffff_ffff) }

    package static func < (left: InputID, right: InputID) -> Bool { left.bits < right.bits }

    /// `client:12`, `step:12:3`, `fault:12:0`, `timeline:1`: for scenario files.
    package var text: String {
        switch self.source {
        case .client: "client:\(self.subject)"
        case .timeline: "timeline:\(self.number)"
        case .step, .fault: "\(self.source):\(self.subject):\(self.number)"
        }
    }

    /// The inverse of `text`.
    package init?(text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, let source = Source.allCases.first(where: { "\($0)" == name }) else { return nil }
        let numbers = parts.dropFirst().compactMap { UInt32($0) }
        guard numbers.count == parts.count - 1 else { return nil }
        switch source {
        case .client:
            guard numbers.count == 1, numbers[0] <= 0xff_ffff else { return nil }
            self.init(.client, of: Int(numbers[0]), number: 0)
        case .timeline:
            guard numbers.count == 1 else { return nil }
            self.init(.timeline, number: Int(numbers[0]))
        case .step, .fault:
            guard numbers.count == 2, numbers[0] <= 0xff_ffff else { return nil }
            self.init(source, of: Int(numbers[0]), number: Int(numbers[1]))
        }
    }
}

/// An input that took place.
package struct InjectedInput: Sendable {
    package var id: InputID
    package var at: Instant
    /// In a few words.
    package var text: String
}

/// Which inputs take place.
package enum InputMask: Sendable, Equatable {
    case all
    /// Only these; a step needs its client.
    case only([InputID])
    case except([InputID])
}
