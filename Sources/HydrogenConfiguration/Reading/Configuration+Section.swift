import HydrogenProtocol

extension Configuration {
    /// Reads a configuration that is part of another file: an object of the keys of `WebSocketServer`.
    ///
    /// - Parameter base: What holds where nothing is said.
    /// - Returns: nil, with faults in the reading, where something is wrong.
    package static func read(
        section found: FoundValue, over base: Configuration, _ reading: inout ValueReading
    ) -> Configuration? {
        var reader = ConfigurationReader()
        _ = reader.read(root: found)
        let (configuration, faults) = reader.decoded(over: base, folder: reading.folder)
        reading.faults += faults
        return faults.isEmpty ? configuration : nil
    }

    /// The members of `WebSocketServer` whose values are not those of `base`, as the JSON text of an object.
    package func json(differingFrom base: Configuration) -> String {
        self.json(section: "", differingFrom: base) ?? "{}"
    }

    private func json(section: String, differingFrom base: Configuration) -> String? {
        let members = ConfigurationTable.names(below: section).compactMap { name -> String? in
            let path = section.isEmpty ? name : "\(section).\(name)"
            let key = ConfigurationTable.key(path)
            let text = key?.kind.json(of: self)
            if let text, text == key?.kind.json(of: base) { return nil }
            // A group that is there is written whole: its members alone would not say that it was null before.
            if let text, !ConfigurationTable.isSection(path) || key?.kind.isGroup == true { return "\"\(name)\": \(text)" }
            return self.json(section: path, differingFrom: base).map { "\"\(name)\": \($0)" }
        }
        return members.isEmpty ? nil : "{\(members.joined(separator: ", "))}"
    }
}
