import HydrogenProtocol

/// The text that a value lies in.
package struct ValueSource: Sendable {
    /// Where a text comes from.
    package enum Origin: Sendable {
        /// A file as it is written, comments included.
        case file([UInt8])
        /// A variable of the environment.
        case variable(String)
    }

    /// What the ranges of values are of: comments are spaces.
    package let bytes: [UInt8]
    package let origin: Origin

    package init(_ bytes: [UInt8], _ origin: Origin) {
        self.bytes = bytes
        self.origin = origin
    }

    /// Line and column of an offset, or the name of the variable: for people.
    package func place(of offset: UInt32) -> String {
        switch self.origin {
        case .file(let original): Self.place(of: Int(offset), in: original)
        case .variable(let name): name
        }
    }

    static func place(of offset: Int, in bytes: [UInt8]) -> String {
        let position = JSONFault(.unexpectedByte, at: offset).position(in: bytes.span)
        return "line \(position.line), column \(position.column)"
    }
}

/// A value where it was found, and what faults call it.
package struct FoundValue: Sendable {
    package let subject: String
    package let value: JSONValue
    package let source: ValueSource

    package init(_ subject: String, _ value: JSONValue, in source: ValueSource) {
        self.subject = subject
        self.value = value
        self.source = source
    }

    package var place: String { self.source.place(of: self.value.range.lowerBound) }
    package var bytes: [UInt8] { self.source.bytes }

    /// The string that it is.
    package var string: String? { self.value.text?.string(in: self.source.bytes.span) }
}

/// What comes up while values are read: faults, so that all are told at once.
package struct ValueReading: Sendable {
    package var faults: [ConfigurationFault] = []
    /// Where relative paths start; nil leaves them as they are.
    package let folder: String?
    /// What the file itself defines, by kind: what names in it may mean.
    package var names: [String: [String]] = [:]
    /// What sections of the configuration inside the file start from.
    package var configuration = Configuration()

    package init(folder: String?) { self.folder = folder }

    /// Notes what is wrong with a value, and what it is.
    package mutating func refuse(_ found: FoundValue, _ problem: String, allowed: String) {
        let text = ValueText.of(found.value, in: found.source.bytes)
        self.faults.append(
            ConfigurationFault(found.subject, "\(problem), is \(text)", at: found.place, allowed: allowed))
    }

    /// The members of an object, each known and once; everything else is a fault. Nil where it is no object.
    ///
    /// - Parameters:
    ///   - known: The names that there are.
    ///   - allowed: What may stand in the object's place.
    package mutating func members(
        of found: FoundValue, known: [String], allowed: String = "an object"
    ) -> [(name: String, found: FoundValue)]? {
        guard var iterator = found.value.members else {
            self.refuse(found, "must be \(allowed)", allowed: allowed)
            return nil
        }
        let bytes = found.source.bytes
        var members: [(name: String, found: FoundValue)] = []
        while let member = iterator.next(in: bytes.span) {
            let name = member.name.string(in: bytes.span)
            let subject = found.subject.isEmpty ? name : "\(found.subject).\(name)"
            let place = found.source.place(of: member.name.range.lowerBound - 1)
            if !known.contains(name) {
                self.faults.append(
                    ConfigurationFault(
                        subject, Spelling.unknown(name, among: known), at: place,
                        allowed: known.joined(separator: " ")))
            } else if members.contains(where: { $0.name == name }) {
                self.faults.append(ConfigurationFault(subject, "is there twice", at: place, allowed: "once"))
            } else {
                members.append((name, FoundValue(subject, member.value, in: found.source)))
            }
        }
        return members
    }
}
