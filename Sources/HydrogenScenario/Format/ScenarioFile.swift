import HydrogenAssembly
import HydrogenConfiguration
import HydrogenProtocol
import HydrogenShard
import HydrogenSimulation

/// A scenario as it stands in a file, ready to run.
package struct ScenarioFile: Sendable {
    /// Where it was read from, for people.
    package let path: String
    package let scenario: Scenario
    /// What is run when the command line names no seed.
    package var seeds: [UInt64] { self.scenario.seeds }
    /// Whether each seed switches a random part of the faults off.
    package let isSwarm: Bool
    package let mask: InputMask
    /// The configuration under test.
    package let configuration: Configuration
    /// Where it was read from, if not from this file; for people.
    package var configurationPath: String?
    /// The members of the file as they are written, without comments, each in one line.
    let members: [(name: String, json: String)]

    /// No file is larger.
    package static let maxByteCount = 4 << 20
    /// No scenario nests deeper.
    private static let maxDepth = 64

    /// Reads a file.
    ///
    /// - Parameter configuration: What takes the place of the file's own configuration.
    /// - Throws: all faults at once.
    package static func load(
        from path: String, configuration: Configuration? = nil
    ) throws(ConfigurationFaults) -> ScenarioFile {
        let bytes: [UInt8]
        do {
            bytes = try SafeFile.read(path, atMost: self.maxByteCount)
        } catch {
            let text = error.isAbsent ? "there is no such file" : error.description
            throw ConfigurationFaults([ConfigurationFault(path, text)])
        }
        return try self.read(bytes, path: path, configuration: configuration)
    }

    /// The same for a text.
    ///
    /// - Parameter path: What faults call it.
    package static func read(
        _ bytes: [UInt8], path: String, configuration: Configuration? = nil
    ) throws(ConfigurationFaults) -> ScenarioFile {
        let source: ValueSource
        let root: JSONValue
        do {
            (source, root) = try CommentedJSON.read(bytes, name: path, maxDepth: self.maxDepth)
        } catch {
            throw ConfigurationFaults([error])
        }
        let found = FoundValue(root.kind == .object ? "" : path, root, in: source)
        var reading = ValueReading(folder: nil)
        let configuration = configuration?.simulated
        reading.prepare(for: found, configuration: configuration)
        guard var draft = ScenarioTable.root.form.read(found, &reading) else {
            throw ConfigurationFaults(reading.faults)
        }
        if let configuration { draft.configuration = configuration }
        let scenario = draft.scenario(&reading)
        guard reading.faults.isEmpty else { throw ConfigurationFaults(reading.faults) }
        return ScenarioFile(
            path: path, scenario: scenario, isSwarm: draft.isSwarm, mask: draft.inputs.map { .only($0) } ?? .all,
            configuration: draft.configuration, members: Self.members(of: found, configuration: configuration))
    }

    /// The members as they are written; a configuration that took the place of the file's own is written out.
    private static func members(
        of found: FoundValue, configuration: Configuration?
    ) -> [(name: String, json: String)] {
        var reading = ValueReading(folder: nil)
        var members = reading.members(of: found, known: ScenarioTable.root.members.map(\.name)) ?? []
        members.removeAll { $0.name == "$schema" }
        let texts = members.map { ($0.name, JSONLayout.compact($0.found.value, in: $0.found.bytes)) }
        guard let configuration else { return texts }
        let json = configuration.json(differingFrom: .simulated)
        return texts.filter { $0.0 != "WebSocketServer" } + [("WebSocketServer", json)]
    }
}

extension ValueReading {
    /// Notes what a scenario defines before it is read, since its parts name each other. Faults are left to the reading.
    mutating func prepare(for root: FoundValue, configuration: Configuration?) {
        var quiet = ValueReading(folder: nil)
        quiet.configuration = .simulated
        let members = quiet.members(of: root, known: ScenarioTable.root.members.map(\.name)) ?? []
        func read<Value>(_ name: String, _ form: ValueForm<Value>) -> Value? {
            members.first { $0.name == name }.flatMap { form.read($0.found, &quiet) }
        }
        func texts(_ list: String, _ name: String) -> [String] {
            guard let list = members.first(where: { $0.name == list })?.found, var entries = list.value.elements else {
                return []
            }
            var texts: [String] = []
            while let entry = entries.next(in: list.bytes.span) {
                guard var entryMembers = entry.members else { continue }
                while let member = entryMembers.next(in: list.bytes.span) {
                    guard member.name.string(in: list.bytes.span) == name else { continue }
                    if let text = member.value.text { texts.append(text.string(in: list.bytes.span)) }
                }
            }
            return texts
        }
        self.configuration = configuration ?? read("WebSocketServer", .configuration) ?? .simulated
        // What inner sections of the file start from.
        let services = texts("Services", "Channel").map { ChannelService(channel: $0) }
        let channels = self.configuration.channels(services: services)
        let keys = read("Keys", ScenarioTable.keys.form.list(0...1_000)) ?? [KeyDraft()]
        self.names = [
            "channel": channels.map(\.name), "key": keys.map(\.name), "identity": keys.flatMap(\.identities),
            "group of clients": texts("Clients", "Name"),
        ]
        // By the index of the channel, so that the name of any other is refused.
        self.names["channel with a service"] = channels.map { $0.service == nil ? "" : $0.name }
    }
}
