import CLibwebsockets
import HydrogenProtocol

/// Messages that wait for the transport. Each is copied once more when it leaves, as lws masks it where it lies.
struct ClientOutbox {
    /// One message behind the other.
    private var bytes: [UInt8] = []
    private var sentCount = 0
    /// How long each is; those before `first` are gone.
    private var counts: [Int] = []
    private var first = 0
    /// What lws is handed: its headroom, and a message.
    private var frame: [UInt8] = []
    var isPingDue = false

    var isEmpty: Bool { self.first == self.counts.count && !self.isPingDue }

    mutating func append(_ message: Span<UInt8>) {
        self.bytes.append(message)
        self.counts.append(message.count)
    }

    mutating func removeAll() {
        self.bytes = []
        self.counts = []
        (self.sentCount, self.first) = (0, 0)
        self.isPingDue = false
    }

    /// Hands the next message to `write`, in memory with headroom in front that may be changed.
    mutating func sendNext(_ write: (UnsafeMutablePointer<UInt8>, Int, _ isPing: Bool) -> Bool) -> Bool {
        let headroom = hydrogen_client_headroom()
        self.frame.removeAll(keepingCapacity: true)
        self.frame.append(contentsOf: repeatElement(0, count: headroom))
        let isPing = self.isPingDue
        if isPing {
            // lws tells of no pong that is empty.
            self.frame.append(UInt8(ascii: "h"))
            self.isPingDue = false
        } else {
            let end = self.sentCount + self.counts[self.first]
            let bytes = self.bytes
            self.frame.append(bytes.span, ByteRange(self.sentCount, end))
            self.sentCount = end
            self.first += 1
        }
        let count = self.frame.count - headroom
        let isSent = unsafe self.frame.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return false }
            return unsafe write(start + headroom, count, isPing)
        }
        self.forgetSent()
        return isSent
    }

    private mutating func forgetSent() {
        if self.frame.capacity > 65_536 { self.frame = [] }
        guard self.first == self.counts.count || self.sentCount > 65_536 else { return }
        self.bytes.removeFirst(self.sentCount)
        self.counts.removeFirst(self.first)
        (self.sentCount, self.first) = (0, 0)
    }
}
