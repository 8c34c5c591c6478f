import HydrogenProtocol

extension Shard {
    static let emptyObject: [UInt8] = Array("{}".utf8)

    /// Answers a command with `"status":"ok"`.
    /// - Parameter data: the JSON text of the response's `data`, an object.
    mutating func succeed(_ command: Command, _ bytes: Span<UInt8>, data: Span<UInt8>) {
        let answerable = command.answerable
        guard let id = answerable.id, let channel = answerable.channel, let action = answerable.action else { return }
        let start = self.outgoing.beginFrame()
        id.withBytes(in: bytes) { id in
            channel.withBytes(in: bytes) { channel in
                action.withBytes(in: bytes) { action in
                    self.writer.appendResponse(
                        to: &self.outgoing.bytes, id: id, channel: channel, action: action, data: data,
                        at: command.now.wall)
                }
            }
        }
        let frame = self.outgoing.endFrame(.text, start)
        self.respond(
            frame, isOk: true, channel: command.channel, slot: command.slot, since: command.now.instant,
            at: command.now)
    }

    /// Answers a command with an error that its handler found.
    mutating func fail(_ command: Command, _ bytes: Span<UInt8>, _ code: ErrorCode, _ message: StaticString? = nil) {
        self.refuse(
            command.answerable, bytes, ResponseError(code, message: message), channel: command.channel,
            slot: command.slot, at: command.now)
    }

    /// Answers a message with an error.
    /// - Parameter channel: index of the channel that it is counted for; nil for none that is registered.
    mutating func refuse(
        _ answerable: Answerable, _ bytes: Span<UInt8>, _ error: ResponseError, channel: Int?, slot: Int,
        at now: Moment
    ) {
        self.count(error.code)
        let start = self.outgoing.beginFrame()
        Self.withBytes(of: answerable.id, in: bytes) { id in
            Self.withBytes(of: answerable.channel, in: bytes) { channel in
                Self.withBytes(of: answerable.action, in: bytes) { action in
                    self.writer.appendResponse(
                        to: &self.outgoing.bytes, id: id, channel: channel, action: action, error: error,
                        at: now.wall)
                }
            }
        }
        let frame = self.outgoing.endFrame(.text, start)
        self.respond(frame, isOk: false, channel: channel, slot: slot, since: now.instant, at: now)
        self.offend(error.code, slot: slot, at: now)
    }

    private static func withBytes(
        of text: JSONText?, in bytes: Span<UInt8>, _ body: (Span<UInt8>?) -> Void
    ) {
        guard let text else { return body(nil) }
        text.withBytes(in: bytes) { body($0) }
    }

    /// Queues a response and counts it. Responses leave before events of any priority: each is owed, and there are few.
    mutating func respond(
        _ frame: ByteRange, isOk: Bool, channel: Int?, slot: Int, since start: Instant, at now: Moment
    ) {
        let series = channel ?? self.metrics.otherChannel
        self.counters.add(self.metrics.commands[2 * series + (isOk ? 0 : 1)])
        self.counters.observe(self.metrics.commandDuration, series, nanoseconds: (now.instant - start).nanoseconds)
        self.enqueue(frame, .response, .critical, slot: slot, at: now)
    }
}
