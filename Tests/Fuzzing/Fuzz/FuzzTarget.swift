import Glibc

/// What takes bytes of strangers. Each starts anew with every input, so that an input alone repeats what it found.
enum FuzzTarget: String, CaseIterable {
    /// A message of a client.
    case envelope
    /// The request of a client that wants to upgrade.
    case handshake
    /// A topic pattern, an action, a filter and the data of an event.
    case topic
    /// A configuration file.
    case configuration
    /// A scenario file.
    case scenario
    /// A recording.
    case recording
    /// A key file.
    case keys
    /// What a server sends to a client.
    case client
    /// What clients do to a whole server.
    case shard

    /// The one that this process runs.
    static let chosen = getenv("HYDROGEN_FUZZ_TARGET").flatMap { Self(rawValue: String(cString: $0)) } ?? .envelope

    func run(_ input: [UInt8]) {
        switch self {
        case .envelope: fuzzEnvelope(input)
        case .handshake: fuzzHandshake(input)
        case .topic: fuzzTopic(input)
        case .configuration: fuzzConfiguration(input)
        case .scenario: fuzzScenario(input)
        case .recording: fuzzRecording(input)
        case .keys: fuzzKeys(input)
        case .client: fuzzClient(input)
        case .shard: fuzzShard(input)
        }
    }
}

/// What must hold for every input: libFuzzer keeps the one for which it does not.
func require(_ isTrue: Bool, _ text: @autoclosure () -> String) {
    guard !isTrue else { return }
    print("BROKEN: \(text())")
    fflush(nil)
    abort()
}
