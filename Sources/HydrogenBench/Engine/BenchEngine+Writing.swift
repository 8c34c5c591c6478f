/// What leaves.
extension BenchEngine {
    /// The run is over: says goodbye, and waits for nothing.
    func leave(_ place: Int) {
        let isInService = self.clients[place].phase == .open && self.clients[place].outbound.isEmpty
        if isInService {
            self.writer.appendClose()
            _ = self.writer.write(to: self.clients[place].socket)
            self.writer.bytes.removeAll(keepingCapacity: true)
        }
        self.clients[place].phase = .closed
        self.clients[place].socket.close(withReset: !isInService)
    }

    /// Puts the message of a connection among what leaves next.
    @inline(__always)
    func append(messageOf place: Int) {
        self.clients[place].message.setNumber(self.clients[place].sentCount)
        let bytes = self.clients[place].message.bytes
        self.writer.append(1, bytes.span)
        self.clients[place].sentCount &+= 1
    }

    /// Puts another message among what leaves next.
    func append(text: [UInt8]) { self.writer.append(1, text.span) }

    /// Puts a close frame among what leaves next.
    func appendClose() { self.writer.appendClose() }

    /// Sends what was put together, in one write if the socket takes it.
    func flush(_ place: Int) {
        guard !self.writer.bytes.isEmpty else { return }
        if self.clients[place].outbound.isEmpty {
            let written = self.writer.write(to: self.clients[place].socket)
            switch written {
            case .bytes(let count) where count == self.writer.bytes.count: break
            case .bytes(let count): self.keepOutbound(place, from: count)
            case .wait: self.keepOutbound(place, from: 0)
            case .ended: self.lost(place, "the server ended a connection")
            }
        } else {
            self.clients[place].outbound += self.writer.bytes
        }
        self.writer.bytes.removeAll(keepingCapacity: true)
    }

    private func keepOutbound(_ place: Int, from start: Int) {
        self.clients[place].outbound += self.writer.bytes[start...]
        self.poller.change(self.clients[place].socket.descriptor, tag: place, writable: true)
    }

    func flushOutbound(_ place: Int) {
        var bytes: [UInt8] = []
        swap(&bytes, &self.clients[place].outbound)
        var start = 0
        while start < bytes.count {
            let rest = bytes.span.extracting(start...)
            let outcome = self.clients[place].socket.write(rest)
            guard case .bytes(let count) = outcome else { break }
            start += count
        }
        if start < bytes.count { self.clients[place].outbound = Array(bytes[start...]) }
        self.poller.change(self.clients[place].socket.descriptor, tag: place, writable: start < bytes.count)
    }
}
