import HydrogenProtocol

/// What the server sends.
extension BenchEngine {
    func readable(_ place: Int) {
        if self.clients[place].phase == .connecting { return }
        if self.clients[place].phase == .tls { return self.shakeHands(place) }
        self.now = BenchClock.now
        // Taken out, so that what is called in between may use the engine.
        var buffer: [UInt8] = []
        swap(&buffer, &self.readBuffer)
        defer { swap(&buffer, &self.readBuffer) }
        repeat {
            switch self.clients[place].socket.read(into: &buffer) {
            case .wait:
                return
            case .ended:
                return self.lost(place, "the server ended a connection without a close frame")
            case .bytes(let count):
                if self.clients[place].inbound.isEmpty {
                    let taken = self.take(place, buffer.span.extracting(..<count))
                    if taken < count { self.keep(place, buffer.span.extracting(taken..<count)) }
                } else {
                    var bytes: [UInt8] = []
                    swap(&bytes, &self.clients[place].inbound)
                    bytes.append(buffer.span.extracting(..<count))
                    let taken = self.take(place, bytes.span)
                    if taken < bytes.count { self.keep(place, bytes.span.extracting(taken..<bytes.count)) }
                }
            }
            if self.clients[place].phase == .open { self.readEnded(place) }
        } while self.clients[place].phase != .closed && self.clients[place].socket.holdsBytes
    }

    private func keep(_ place: Int, _ bytes: Span<UInt8>) {
        if self.clients[place].phase != .closed { self.clients[place].inbound.append(bytes) }
    }

    /// Reads what is whole, and returns how far that goes.
    private func take(_ place: Int, _ bytes: Span<UInt8>) -> Int {
        var offset = 0
        if self.clients[place].phase == .upgrading {
            switch ClientHandshake.read(bytes) {
            case .incomplete: return 0
            case .refused(let text):
                self.fail(.connection("the server refused a connection: \(text)"))
                return bytes.count
            case .upgraded(let end):
                offset = end
                self.upgraded(place)
            }
        }
        while self.failure == nil, self.clients[place].phase != .closed {
            switch ServerFrame.read(bytes, from: offset) {
            case .incomplete:
                return offset
            case .malformed:
                self.fail(.connection("the server sent a malformed frame"))
            case .frame(let frame):
                offset = frame.payload.upperBound
                self.take(place, frame, bytes.extracting(frame.payload))
            }
        }
        return bytes.count
    }

    @inline(__always)
    private func take(_ place: Int, _ frame: ServerFrame, _ payload: Span<UInt8>) {
        switch frame.opcode {
        case ServerFrame.ping:
            self.writer.append(ServerFrame.pong, payload)
            self.countPing()
            self.flush(place)
        case ServerFrame.pong:
            return
        case ServerFrame.close:
            var text = "the server closed a connection"
            if payload.count >= 2 { text += " with \(Int(payload[0]) << 8 | Int(payload[1]))" }
            self.lost(place, text)
        default:
            // Of a message in fragments the last one counts.
            if frame.isFinal { self.message(place, payload) }
        }
    }

    @inline(__always)
    private func message(_ place: Int, _ payload: Span<UInt8>) {
        switch self.clients[place].phase {
        case .open:
            self.received(place, payload)
        case .greeting:
            guard let token = Answers.token(in: payload) else {
                return self.fail(.connection("the server's first message is no system/session"))
            }
            self.clients[place].token = token
            self.greeted(place)
        case .preparing:
            if self.prepared(place, by: payload) { self.opened(place) }
        case .connecting, .tls, .upgrading, .closed:
            return
        }
    }

    func lost(_ place: Int, _ text: String) {
        self.close(place)
        if !self.ended(place), self.failure == nil { self.fail(.connection(text)) }
    }
}
