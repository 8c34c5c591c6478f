import HydrogenProtocol

/// One instruction of a script that is laid out flat.
enum ScriptInstruction: Sendable {
    case wait(Delay)
    /// Index into `commands`.
    case command(Int, isAwaited: Bool)
    case burst(count: Int, Int)
    case flood(every: Interval, count: Int, Int)
    /// Index into the compiled subscriptions of all groups.
    case subscribe(Int)
    /// Index into `unsubscriptions`.
    case unsubscribe(Int)
    /// Index into `publishes`.
    case publish(Int)
    case act(ScriptAction)
    /// The beginning of a loop, at a depth; nil: for ever.
    case enterLoop(depth: Int, count: Int?)
    /// Its end: once more from `first`, or on.
    case repeatLoop(depth: Int, first: Int)
    /// Index into `choices`.
    case choose(Int)
    case jump(Int)
}

/// What a client does to its own connection.
enum ScriptAction: Sendable {
    case readAtMost(Int?)
    case stopReading, resumeReading
    case goSilent, speak
    case holdEvents, handleEvents
    case vanish, reappear
    case stealSession
    case close(UInt16?)
    case reset, hangUp
    case hostile(HostileInput)
    case message(String)
    case unsolicitedPong
}

/// A command with the places where numbers go.
struct CommandTemplate: Sendable {
    enum Piece: Sendable {
        case text([UInt8])
        /// The number of the command, and of the client.
        case command, client
    }

    let channel: [UInt8]
    let action: [UInt8]
    let pieces: [Piece]
    let token: CommandPlan.Token
    /// Whether a service answers it.
    let isDeferred: Bool

    func appendData(command: Int64, client: Int64, to out: inout [UInt8]) {
        for piece in self.pieces {
            switch piece {
            case .text(let text): out.append(contentsOf: text)
            case .command: out.append(decimal: command)
            case .client: out.append(decimal: client)
            }
        }
    }
}

/// A script as it is run.
struct ScriptProgram: Sendable {
    var instructions: [ScriptInstruction] = []
    var commands: [CommandTemplate] = []
    var publishes: [PublishPlan] = []
    var unsubscriptions: [(channel: Int, topic: String)] = []
    /// Weights added up, and where each way begins.
    var choices: [[(until: Int, first: Int)]] = []
    /// The compiled subscriptions that belong to it.
    var subscriptions: Range<Int> = 0..<0
    /// Whether it subscribes or publishes.
    var watchesEvents = false
    /// Whether it sends signed commands again, or changes them.
    var forges = false
}
