import HydrogenProtocol

extension ValueForm where Value == String {
    package static func text(_ rule: TextRule) -> ValueForm {
        ValueForm(.text(rule)) { found, reading in
            guard let text = found.string else {
                reading.refuse(found, "must be a string", allowed: rule.allowed)
                return nil
            }
            guard rule.accepts(text) else {
                reading.refuse(found, "is not of the right form", allowed: rule.allowed)
                return nil
            }
            guard rule.isPath, let folder = reading.folder else { return text }
            return FilePath.resolved(text, in: folder)
        } json: { value in
            JSONText.quoted(value)
        }
    }
}

extension ValueForm {
    /// A text of a small grammar.
    ///
    /// - Parameters:
    ///   - allowed: The grammar in words.
    ///   - regex: As a regular expression of ECMA-262, for JSON Schema: it may let through more than `parse`.
    package static func parsed(
        _ allowed: String, regex: String, parse: @escaping @Sendable (String) -> Value?,
        text: @escaping @Sendable (Value) -> String
    ) -> ValueForm {
        ValueForm(.pattern(allowed, regex: regex)) { found, reading in
            guard let string = found.string else {
                reading.refuse(found, "must be a string", allowed: allowed)
                return nil
            }
            guard let value = parse(string) else {
                reading.refuse(found, "is not of the right form", allowed: allowed)
                return nil
            }
            return value
        } json: { value in
            JSONText.quoted(text(value))
        }
    }
}

extension ValueForm where Value == Int {
    /// How many names a fault lists.
    private static var maxListedCount: Int { 20 }

    /// The name of something that the file defines, as its index.
    package static func name(of kind: String) -> ValueForm {
        ValueForm(.name(of: kind)) { found, reading in
            let names = reading.names[kind] ?? []
            let listed =
                names.prefix(self.maxListedCount).joined(separator: " ") + (names.count > self.maxListedCount ? " …" : "")
            guard let name = found.string else {
                reading.refuse(found, "must be the name of a \(kind)", allowed: listed)
                return nil
            }
            if let index = names.firstIndex(of: name) { return index }
            let near = Spelling.nearest(name, among: Array(names.prefix(1_000))).map { ", did you mean \($0)?" } ?? ""
            reading.refuse(found, "is the name of no \(kind)\(near)", allowed: listed)
            return nil
        } json: { value in
            "\(value)"
        }
    }
}

extension ValueForm where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of a few words.
    package static var word: ValueForm {
        let sort = ValueSort.word(Value.allCases.map(\.rawValue))
        return ValueForm(sort) { found, reading in
            if let name = found.string, let value = Value(rawValue: name) { return value }
            reading.refuse(found, "must be one of these words", allowed: sort.allowed)
            return nil
        } json: { value in
            JSONText.quoted(value.rawValue)
        }
    }
}

extension ValueForm {
    /// A list of such values.
    ///
    /// - Parameter isUnique: Whether each may be there once only.
    package func list(_ count: ClosedRange<Int>, isUnique: Bool = false) -> ValueForm<[Value]> {
        let sort = ValueSort.list(of: self.sort, count: count, isUnique: isUnique)
        return ValueForm<[Value]>(sort) { found, reading in
            guard var iterator = found.value.elements else {
                reading.refuse(found, "must be \(sort.typeName)", allowed: sort.allowed)
                return nil
            }
            var list: [Value] = []
            var texts: Set<String> = []
            var isRight = true
            var index = 0
            while let element = iterator.next(in: found.source.bytes.span) {
                guard index < count.upperBound else {
                    reading.refuse(found, "has more than \(count.upperBound) entries", allowed: sort.allowed)
                    return nil
                }
                let entry = FoundValue("\(found.subject)[\(index)]", element, in: found.source)
                if let value = self.read(entry, &reading) {
                    if isUnique, !texts.insert(self.json(value)).inserted {
                        reading.refuse(entry, "is in the list already", allowed: "each once")
                        isRight = false
                    }
                    list.append(value)
                } else {
                    isRight = false
                }
                index += 1
            }
            guard index >= count.lowerBound else {
                reading.refuse(found, "has fewer than \(count.lowerBound) entries", allowed: sort.allowed)
                return nil
            }
            return isRight ? list : nil
        } json: { values in
            "[\(values.map(self.json).joined(separator: ", "))]"
        }
    }
}

extension ValueForm {
    /// Written in one way or in another: objects in the second, everything else in the first.
    package static func either(_ first: ValueForm, orObject second: ValueForm) -> ValueForm {
        ValueForm(.either(first.sort, second.sort)) { found, reading in
            found.value.kind == .object ? second.read(found, &reading) : first.read(found, &reading)
        } json: { value in
            second.json(value)
        }
    }

    /// A form that holds itself.
    package static func named(_ name: String, _ form: @escaping @Sendable () -> ValueForm) -> ValueForm {
        ValueForm(.named(name)) { found, reading in
            form().read(found, &reading)
        } json: { value in
            form().json(value)
        }
    }
}

extension JSONText {
    /// A string as JSON text.
    package static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.append(jsonString: text)
        return String(decoding: bytes, as: UTF8.self)
    }
}
