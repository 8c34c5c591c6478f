/// A change from one kind to another: the labels of `hydrogen_state_transitions_total`.
package struct Transition: Sendable, Hashable {
    package typealias Kind = ConnectionStateMachine.Kind

    package var from: Kind
    package var to: Kind

    package init(from: Kind, to: Kind) {
        self.from = from
        self.to = to
    }

    /// The place of this pair in `StateMachineTable.legalTransitions`; nil for a pair that is not there.
    package var index: Int? {
        let place = Transition.places[Int(self.from.rawValue) * Kind.allCases.count + Int(self.to.rawValue)]
        return place == Transition.nowhere ? nil : Int(place)
    }

    private static let nowhere = UInt8.max

    /// One place per pair of kinds, `from` by `from`.
    private static let places: [UInt8] = {
        var places = [UInt8](repeating: nowhere, count: Kind.allCases.count * Kind.allCases.count)
        for (place, transition) in StateMachineTable.legalTransitions.enumerated() {
            let pair = Int(transition.from.rawValue) * Kind.allCases.count + Int(transition.to.rawValue)
            places[pair] = UInt8(truncatingIfNeeded: place)
        }
        return places
    }()
}

extension StateMachineTable {
    /// Every pair of kinds that an event can lead through, in the order of the kinds.
    package static let legalTransitions: [Transition] = transitions(of: rows)

    package static func transitions(of rows: [Row]) -> [Transition] {
        Kind.allCases.flatMap { from in
            Kind.allCases.filter { to in
                to != from && rows.contains { $0.from == from && $0.to == to }
            }.map { Transition(from: from, to: $0) }
        }
    }
}
