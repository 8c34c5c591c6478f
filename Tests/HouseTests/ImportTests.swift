import Testing

/// The rooms of the house: who may see whom. The truth is the table of Documentation/Architecture.md.
@Suite struct ImportTests {
    /// Part of Swift itself, without I/O: atomics.
    static let everywhere: Set<String> = ["Synchronization"]
    /// What reaches the operating system.
    static let system: Set<String> = ["Foundation", "FoundationEssentials", "Glibc", "Dispatch"]
    /// Values that decide: they do no I/O, read no clock and draw no random number.
    static let core = [
        "HydrogenProtocol", "HydrogenConnection", "HydrogenShard", "HydrogenClientCore", "HydrogenSimulation", "HydrogenMetrics",
        "HydrogenRecording",
    ]

    @Test func everyTargetHasARowAndEveryRowATarget() throws {
        let house = try House()
        let targets = Set(house.dependencies.keys.filter { $0.lowercased().hasPrefix("hydrogen") })
        #expect(Set(house.rows.map(\.target)) == targets)
        #expect(house.rows.count == targets.count, "a row stands there twice")
        // The test is not blind: these have been there from the start.
        #expect(targets.isSuperset(of: ["hydrogen", "HydrogenServer", "HydrogenShard", "HydrogenProtocol"]))
    }

    @Test func everyRowNamesOnlyWhatStandsBelow() throws {
        let house = try House()
        for (place, row) in house.rows.enumerated() {
            let below = Set(house.rows[(place + 1)...].map(\.target))
            let ours = row.imports.map { "Hydrogen" + $0 }.filter(house.isOurs)
            #expect(below.isSuperset(of: ours), "\(row.target) names \(ours.filter { !below.contains($0) })")
        }
    }

    @Test func everyTargetImportsOnlyWhatItsRowAllows() throws {
        let house = try House()
        for row in house.rows {
            let allowed = house.allowed(row.target).union(Self.everywhere)
            let imports = try house.imports(of: row.target)
            for (module, place) in imports.sorted(by: { $0.key < $1.key }) where !allowed.contains(module) {
                Issue.record("\(place): the row of \(row.target) in Documentation/Architecture.md does not allow \(module)")
            }
        }
    }

    @Test func everyTargetImportsOnlyWhatThePackageGivesIt() throws {
        let house = try House()
        for (target, dependencies) in house.dependencies.sorted(by: { $0.key < $1.key }) where house.isOurs(target) {
            let given = dependencies.union(Self.everywhere).union(Self.system)
            for (module, place) in try house.imports(of: target).sorted(by: { $0.key < $1.key }) where !given.contains(module) {
                Issue.record("\(place): Package.swift does not give \(module) to \(target)")
            }
            let allowed = house.allowed(target)
            #expect(allowed.isSuperset(of: dependencies), "\(target) is given \(dependencies.subtracting(allowed)), which its row does not allow")
        }
    }

    @Test(arguments: core) func theCoreReachesNoOperatingSystem(_ target: String) throws {
        let house = try House()
        let hasRow = house.isOurs(target)
        #expect(hasRow)
        for module in house.allowed(target).filter(house.isOurs).union([target]) {
            let row = try #require(house.rows.first { $0.target == module })
            #expect(Self.system.isDisjoint(with: row.imports), "\(module)")
            #expect(Self.system.isDisjoint(with: try house.imports(of: module).keys), "\(module)")
        }
    }
}
