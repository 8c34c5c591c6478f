import Testing

@testable import HydrogenConnection

/// The mutants themselves: `Scripts/mutate-state-machine` reads their number here.
@Suite struct TableMutantTests {
    @Test func everyMutantChangesTheTable() {
        let rows = StateMachineTable.rows
        let mutants = TableMutant.all(of: rows)
        for mutant in mutants { #expect(mutant.applied(to: rows) != rows) }
        #expect(Set(mutants.map(\.rowNumber)) == Set(rows.indices))
        print("table: \(rows.count) rows, \(mutants.count) mutants")
        guard environmentValue("HYDROGEN_LIST_TABLE_MUTANTS") != nil else { return }
        for (number, mutant) in mutants.enumerated() {
            let row = rows[mutant.rowNumber]
            let change = mutant.replacement.map { "\($0.condition) \($0.outcome)" } ?? "removed"
            print("mutant \(number): \(row.from) \(row.event) \(row.condition) \(row.outcome)  →  \(change)")
        }
    }
}
