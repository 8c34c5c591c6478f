import HydrogenProtocol

/// An object in a file: the single place where its members are declared. Reading, writing, documentation and JSON
/// Schema are all made from it.
package struct ObjectTable<Value: Sendable>: Sendable {
    /// The heading in the documentation.
    package let name: String
    package let summary: String
    /// Members of which exactly one must be there; empty where there is no such choice.
    package let alternatives: [String]
    package let members: [ObjectMember<Value>]
    package let rules: [ObjectRule<Value>]
    /// The object without members.
    package let empty: @Sendable () -> Value

    package init(
        _ name: String, _ summary: String, empty: @autoclosure @escaping @Sendable () -> Value,
        alternatives: [String] = [], rules: [ObjectRule<Value>] = [], _ members: [ObjectMember<Value>]
    ) {
        self.name = name
        self.summary = summary
        self.alternatives = alternatives
        self.members = members
        self.rules = rules
        self.empty = empty
    }

    package var description: TableDescription {
        let empty = self.empty()
        return TableDescription(
            name: self.name, summary: self.summary,
            members: self.members.map { member in
                TableDescription.Member(
                    name: member.name, sort: member.slot.sort, isRequired: member.isRequired,
                    defaultText: member.isRequired ? nil : member.slot.json(of: empty), summary: member.summary)
            }, alternatives: self.alternatives)
    }

    package var form: ValueForm<Value> {
        let sort = ValueSort.object(self.description)
        return ValueForm(sort) { found, reading in
            self.read(found, allowed: sort.allowed, &reading)
        } json: { value in
            self.json(of: value)
        }
    }

    private func read(_ found: FoundValue, allowed: String, _ reading: inout ValueReading) -> Value? {
        let known = self.members.map(\.name)
        let faultCount = reading.faults.count
        guard let members = reading.members(of: found, known: known, allowed: allowed) else { return nil }
        var value = self.empty()
        var faultyNames: Set<String> = []
        for member in self.members {
            guard let given = members.first(where: { $0.name == member.name })?.found else {
                if member.isRequired {
                    self.tell(found, member.name, "is missing", allowed: member.slot.allowed, &reading)
                    faultyNames.insert(member.name)
                }
                continue
            }
            if !member.slot.read(given, &value, &reading) { faultyNames.insert(member.name) }
        }
        let chosen = self.alternatives.filter { name in members.contains { $0.name == name } }
        if !self.alternatives.isEmpty, chosen.count != 1 {
            let problem =
                chosen.isEmpty ? "must have one of its alternatives" : "has \(chosen.joined(separator: " and "))"
            let allowed = "exactly one of \(self.alternatives.joined(separator: " "))"
            reading.faults.append(ConfigurationFault(found.subject, problem, at: found.place, allowed: allowed))
        }
        for rule in self.rules where faultyNames.isDisjoint(with: rule.names) {
            guard let name = rule.names.first, let broken = rule.check(value) else { continue }
            self.tell(found, name, broken.problem, allowed: broken.allowed, &reading)
        }
        return reading.faults.count == faultCount ? value : nil
    }

    private func tell(
        _ found: FoundValue, _ name: String, _ problem: String, allowed: String, _ reading: inout ValueReading
    ) {
        let subject = found.subject.isEmpty ? name : "\(found.subject).\(name)"
        reading.faults.append(ConfigurationFault(subject, problem, at: found.place, allowed: allowed))
    }

    /// The object as JSON text, without members that say what holds anyway.
    private func json(of value: Value) -> String {
        let empty = self.empty()
        let members = self.members.compactMap { member in
            let text = member.slot.json(of: value)
            let isNeeded = member.isRequired || text != member.slot.json(of: empty)
            return isNeeded ? "\"\(member.name)\": \(text)" : nil
        }
        return "{\(members.joined(separator: ", "))}"
    }
}

/// A member of an object.
package struct ObjectMember<Root>: Sendable {
    package let name: String
    package let slot: ValueSlot<Root>
    package let isRequired: Bool
    /// What it means, in a sentence for the documentation.
    package let summary: String

    package init<Value: Sendable>(
        _ name: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ form: ValueForm<Value>,
        required: Bool = false, _ summary: String
    ) {
        self.name = name
        self.slot = ValueSlot(path, form)
        self.isRequired = required
        self.summary = summary
    }

    /// A member of which the object only learns: one of several alternatives.
    package init<Value: Sendable>(
        _ name: String, _ form: ValueForm<Value>, _ summary: String,
        set: @escaping @Sendable (inout Root, Value) -> Void
    ) {
        self.name = name
        self.slot = ValueSlot(form, set: set)
        self.isRequired = false
        self.summary = summary
    }
}

/// What must hold between members of an object.
package struct ObjectRule<Root>: Sendable {
    /// The members that it looks at, the one that a fault names first. It is left out where one of them is wrong by itself.
    package let names: [String]
    /// What is wrong, and what would be right; nil where it holds.
    package let check: @Sendable (Root) -> (problem: String, allowed: String)?

    package init(_ names: String..., check: @escaping @Sendable (Root) -> (problem: String, allowed: String)?) {
        self.names = names
        self.check = check
    }
}
