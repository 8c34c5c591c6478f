/// Turns what was said about each key into its value, and says of each value that cannot be what would be allowed.
struct ConfigurationDecoder {
    private(set) var configuration: Configuration
    private(set) var faults: [ConfigurationFault]
    /// Keys whose value is wrong: rules over several keys leave them out.
    private(set) var faultyPaths: Set<String> = []

    /// - Parameters:
    ///   - base: What holds where nothing is said.
    ///   - folder: Where relative paths start; nil leaves them as they are.
    init(_ assignments: [String: FoundValue], over base: Configuration, folder: String?) {
        self.configuration = base
        var reading = ValueReading(folder: folder)
        for key in ConfigurationTable.keys {
            if let group = ConfigurationTable.group(around: key.path), assignments[group.path] != nil { continue }
            guard let found = assignments[key.path] else { continue }
            let isRead = key.kind.read(found, &self.configuration, &reading)
            if !isRead { self.faultyPaths.insert(key.path) }
        }
        self.faults = reading.faults
    }
}
