import HydrogenProtocol

@testable import HydrogenConnection

typealias Machine = ConnectionStateMachine
typealias Kind = ConnectionStateMachine.Kind
typealias Event = ConnectionStateMachine.Event
typealias EventKind = ConnectionStateMachine.EventKind
typealias Row = StateMachineTable.Row

/// The table as all tests read it. `Scripts/mutate-state-machine` sets `HYDROGEN_TABLE_MUTANT` to have one row
/// changed; a test must then fail.
enum TableUnderTest {
    static let rows: [Row] = {
        guard let number = mutantNumber else { return StateMachineTable.rows }
        return TableMutant.all(of: StateMachineTable.rows)[number].applied(to: StateMachineTable.rows)
    }()

    static func rows(_ from: Kind, _ event: EventKind) -> [Row] { rowsByPair[place(from, event)] }

    private static let rowsByPair: [[Row]] = {
        var pairs = [[Row]](repeating: [], count: Kind.allCases.count * EventKind.allCases.count)
        for row in rows { pairs[place(row.from, row.event)].append(row) }
        return pairs
    }()

    private static func place(_ from: Kind, _ event: EventKind) -> Int {
        Int(from.rawValue) * EventKind.allCases.count + eventPlaces[event]!
    }

    private static let eventPlaces = Dictionary(
        uniqueKeysWithValues: EventKind.allCases.enumerated().map { ($0.element, $0.offset) })

    private static let mutantNumber = environmentValue("HYDROGEN_TABLE_MUTANT").flatMap { Int($0) }
}

/// One change of one row.
struct TableMutant: Sendable {
    var rowNumber: Int
    /// What takes the row's place; nil removes it.
    var replacement: Row?

    func applied(to rows: [Row]) -> [Row] {
        var rows = rows
        if let replacement = self.replacement {
            rows[self.rowNumber] = replacement
        } else {
            rows.remove(at: self.rowNumber)
        }
        return rows
    }

    /// For each row: it is missing, has another condition, leads elsewhere, asks for another action, or is
    /// illegal in another way.
    static func all(of rows: [Row]) -> [TableMutant] {
        rows.enumerated().flatMap { number, row in
            [TableMutant(rowNumber: number, replacement: nil)]
                + replacements(for: row).map { TableMutant(rowNumber: number, replacement: $0) }
        }
    }

    private static func replacements(for row: Row) -> [Row] {
        var replacements = outcomes(for: row).map { Row(row.from, row.event, row.condition, $0) }
        replacements.append(Row(row.from, row.event, next(row.condition), row.outcome))
        return replacements
    }

    private static func outcomes(for row: Row) -> [StateMachineTable.Outcome] {
        switch row.outcome {
        case .handled(let to, let action):
            [
                .handled(to: next(to), action), .handled(to: to, next(action)), .ignored(.alreadyEnding),
                .violation(.protocolError, to: to, action), .programmingError(.afterFree),
            ]
        case .ignored(let reason):
            [.ignored(next(reason)), .handled(to: row.from, .none), .programmingError(.afterFree)]
        case .violation(let code, let to, let action):
            [
                .violation(code == nil ? .protocolError : .internalError, to: to, action),
                .violation(code, to: next(to), action), .violation(code, to: to, next(action)),
                .handled(to: to, action), .ignored(.afterClose),
            ]
        case .programmingError(let reason):
            [.programmingError(next(reason)), .handled(to: row.from, .none), .ignored(.alreadyEnding)]
        }
    }

    /// The case that follows, the first after the last.
    private static func next<Value: CaseIterable & Equatable>(_ value: Value) -> Value
    where Value.AllCases == [Value] {
        let all = Value.allCases
        return all[(all.firstIndex(of: value)! + 1) % all.count]
    }
}
