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

extension JSONText {
    /// A string as JSON text.
    package static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.append(jsonString: text)
        return String(decoding: bytes, as: UTF8.self)
    }
}
