import HydrogenProtocol

/// How a value is written in JSON: what may stand there, how it is read, and how it is written again.
package struct ValueForm<Value: Sendable>: Sendable {
    package let sort: ValueSort
    /// The value; nil, with a fault in the reading, where it cannot be.
    package let read: @Sendable (FoundValue, inout ValueReading) -> Value?
    /// The JSON text of the value.
    package let json: @Sendable (Value) -> String

    package init(
        _ sort: ValueSort, read: @escaping @Sendable (FoundValue, inout ValueReading) -> Value?,
        json: @escaping @Sendable (Value) -> String
    ) {
        self.sort = sort
        self.read = read
        self.json = json
    }

    /// The same value, or null for nil.
    package var optional: ValueForm<Value?> {
        ValueForm<Value?>(.optional(self.sort)) { found, reading in
            if found.value.kind == .null { return .some(nil) }
            return self.read(found, &reading).map { .some($0) }
        } json: { value in
            value.map(self.json) ?? "null"
        }
    }

    /// The same text for another type.
    package func map<Other: Sendable>(
        _ to: @escaping @Sendable (Value) -> Other, from: @escaping @Sendable (Other) -> Value
    ) -> ValueForm<Other> {
        ValueForm<Other>(self.sort) { found, reading in
            self.read(found, &reading).map(to)
        } json: { value in
            self.json(from(value))
        }
    }
}

/// The place of a value in a greater one, and its form there.
package struct ValueSlot<Root>: Sendable {
    package let sort: ValueSort
    /// Reads the value into its place; false, with a fault in the reading, where it cannot be.
    package let read: @Sendable (FoundValue, inout Root, inout ValueReading) -> Bool
    /// The value as JSON text.
    package let json: @Sendable (Root) -> String
    /// Takes the value over from another root.
    package let copy: @Sendable (_ source: Root, _ target: inout Root) -> Void

    package init<Value: Sendable>(_ path: any WritableKeyPath<Root, Value> & Sendable, _ form: ValueForm<Value>) {
        self.sort = form.sort
        self.read = { found, root, reading in
            guard let value = form.read(found, &reading) else { return false }
            root[keyPath: path] = value
            return true
        }
        self.json = { form.json($0[keyPath: path]) }
        self.copy = { source, target in target[keyPath: path] = source[keyPath: path] }
    }

    /// A place that can be written to alone.
    package init<Value: Sendable>(
        _ form: ValueForm<Value>, set: @escaping @Sendable (inout Root, Value) -> Void
    ) {
        self.sort = form.sort
        self.read = { found, root, reading in
            guard let value = form.read(found, &reading) else { return false }
            set(&root, value)
            return true
        }
        self.json = { _ in "null" }
        self.copy = { _, _ in }
    }

    package func json(of root: Root) -> String { self.json(root) }
    package func copy(from source: Root, to target: inout Root) { self.copy(source, &target) }

    /// What is allowed, for faults and the documentation.
    package var allowed: String { self.sort.allowed }
}
