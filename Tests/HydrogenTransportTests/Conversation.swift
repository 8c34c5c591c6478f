import Foundation
import HydrogenConnection
import HydrogenProtocol
import HydrogenRecording
import HydrogenShard

/// What the core of one loop did in a conversation, by connections in the order of their coming, and without what
/// differs from run to run: times, ids, tokens, ports.
struct Conversation: Equatable {
    /// One connection.
    struct Line: Equatable {
        /// Steps of its machine; of those that repeat each other one.
        var steps: [String] = []
        /// What was written to it, frame by frame.
        var frames: [String] = []
        /// What else was to be done.
        var effects: [String] = []
    }

    private(set) var lines: [Line] = []
    private var places: [ConnectionID: Int] = [:]

    /// A connection whose request is at the core.
    mutating func begin(_ id: ConnectionID) { _ = self.place(of: id) }

    private mutating func place(of id: ConnectionID) -> Int {
        if let place = self.places[id] { return place }
        self.lines.append(Line())
        self.places[id] = self.lines.count - 1
        return self.lines.count - 1
    }

    mutating func add(_ step: MachineStep) {
        // How much of what comes too late is still seen depends on how long a pass is.
        if step.action == .ignored { return }
        let place = self.place(of: step.id)
        let text = "\(step.before.label) \(step.event) \(step.after.label) \(step.action)"
        if self.lines[place].steps.last != text { self.lines[place].steps.append(text) }
    }

    mutating func add(written bytes: [UInt8], to id: ConnectionID) {
        let place = self.place(of: id)
        self.lines[place].frames += Self.frames(bytes).map(Self.lasting)
    }

    mutating func add(_ effect: Effect) {
        switch effect {
        case .close(let id, let code, let reason):
            self.add("close \(code.rawValue) \(reason?.qualifiedName ?? "-")", to: id)
        case .abort(let id):
            self.add("abort", to: id)
        case .dispatch(let request):
            self.lines[self.lines.count - 1].effects.append(
                "dispatch \(request.channel)/\(request.action) \(String(decoding: request.data, as: UTF8.self))")
        case .log(.opened(let id, _, let identity, _)):
            self.add("opened \(identity)", to: id)
        case .log(.closed(let id, _, let identity, _, let code, _, let received, let sent)):
            self.add("closed \(identity) \(code) received \(received) sent \(sent)", to: id)
        case .log(.refused(_, let code, let status)):
            self.lines[self.lines.count - 1].effects.append("refused \(status) \(code.qualifiedName)")
        case .log, .post, .store, .published, .drained:
            break
        case .requestWritable:
            break  // How much a socket takes at once is its own business.
        }
    }

    private mutating func add(_ effect: String, to id: ConnectionID) {
        let place = self.place(of: id)
        self.lines[place].effects.append(effect)
    }

    /// The payloads of unmasked frames, with their opcode before them.
    static func frames(_ bytes: [UInt8]) -> [String] {
        var found: [String] = []
        var index = 0
        while index + 2 <= bytes.count {
            var count = Int(bytes[index + 1])
            let extra = count == 126 ? 2 : count == 127 ? 8 : 0
            if extra > 0 { count = bytes[index + 2..<index + 2 + extra].reduce(0) { $0 << 8 | Int($1) } }
            let start = index + 2 + extra
            found.append("\(bytes[index] & 15) \(String(decoding: bytes[start..<start + count], as: UTF8.self))")
            index = start + count
        }
        return found
    }

    /// A message without its times and what was drawn at random.
    private static func lasting(_ frame: String) -> String {
        var text = frame
        for pattern in [
            #""timestamp":"[^"]*""#, #""id":"[^"]*""#, #""event":"[^"]*""#, #""session":"[^"]*""#, #""token":"[^"]*""#,
            #""signing_key":"[^"]*""#,
        ] {
            text = text.replacingOccurrences(of: pattern, with: "…", options: .regularExpression)
        }
        return text
    }
}
