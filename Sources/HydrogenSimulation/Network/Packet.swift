import HydrogenProtocol

/// Something on its way between a client and the server.
struct Packet {
    enum Kind: UInt8 {
        // For the server.
        /// A TCP connection is asked for.
        case connect
        /// The HTTP request, whole.
        case request
        /// A piece of a message.
        case message
        /// A pong, with a payload.
        case pong
        /// A ping: the transport answers it by itself.
        case ping
        /// A frame that breaks the rules of framing; `code` is what the transport closes with.
        case framingFault
        // For both.
        /// A close frame; `code` 0: without a code.
        case close
        /// The end of the TCP connection, in order or by a reset.
        case end
        // For the client.
        /// The 101.
        case upgraded
        /// Another answer; `code` is the status, `number` Retry-After in seconds, or `UInt32.max`.
        case refusal
        /// Frames.
        case frames
    }

    struct Flags: OptionSet {
        var rawValue: UInt16
        static let isFirst = Flags(rawValue: 1)
        static let isLast = Flags(rawValue: 2)
        static let isBinary = Flags(rawValue: 4)
        /// A command that must be answered under its number.
        static let isCommand = Flags(rawValue: 8)
        /// The server answers it as it likes, once at most: the bytes are chance.
        static let isWild = Flags(rawValue: 16)
        /// One answer, without a number that we know.
        static let isMalformed = Flags(rawValue: 32)
        /// A command that somebody else than its loop answers.
        static let isDeferred = Flags(rawValue: 64)
        /// It goes from a client to the server.
        static let isForServer = Flags(rawValue: 128)
        /// A command under the number of an earlier one, which is not to be served.
        static let isForged = Flags(rawValue: 256)
    }

    var link: UInt32
    var linkGeneration: UInt32
    var kind: Kind
    var flags: Flags = []
    var code: UInt16 = 0
    /// Of a command: its number. Of a refusal: see there.
    var number: UInt32 = 0
    /// What a command means for events.
    var note = CommandNote.none
    /// When it was sent.
    var sentAt: Int64 = 0
    /// The next one of a list, or `PacketPool.none`.
    var next: UInt32 = PacketPool.none
}

/// What a command means for who checks events.
enum CommandNote: Equatable {
    case none
    /// Index into the compiled subscriptions.
    case subscribe(UInt32)
    /// The server's number of a subscription.
    case unsubscribe(UInt32)
    /// The number of the publish in the whole world.
    case publish(UInt32)
    /// `system/resume` of a session, by the oracle's number of it; 0: of one that it does not know.
    case resume(UInt32, offset: Int64)
    /// An ack of an offset and all before it.
    case ack(Int64)
    /// An ack of one event, by the hash of its id.
    case ackID(UInt64)
}

/// The packets under way, and their bytes. Both are used again and again, so that nothing is allocated once warm.
struct PacketPool {
    static let none = UInt32.max
    /// A buffer beyond this is given back.
    private static let keptCapacity = 16_384

    private var packets: [Packet] = []
    private var buffers: [[UInt8]] = []
    private var freeSlots: [UInt32] = []

    var inUseCount: Int { self.packets.count - self.freeSlots.count }

    mutating func insert(_ packet: Packet) -> UInt32 {
        guard let slot = self.freeSlots.popLast() else {
            self.packets.append(packet)
            self.buffers.append([])
            return UInt32(self.packets.count - 1)
        }
        self.packets[Int(slot)] = packet
        return slot
    }

    mutating func remove(_ slot: UInt32) {
        self.buffers[Int(slot)].removeAll(keepingCapacity: self.buffers[Int(slot)].capacity <= Self.keptCapacity)
        self.freeSlots.append(slot)
    }

    subscript(slot: UInt32) -> Packet {
        @inline(__always) _read { yield self.packets[Int(slot)] }
        @inline(__always) _modify { yield &self.packets[Int(slot)] }
    }

    /// Its bytes.
    subscript(bytes slot: UInt32) -> [UInt8] {
        @inline(__always) _read { yield self.buffers[Int(slot)] }
        @inline(__always) _modify { yield &self.buffers[Int(slot)] }
    }
}
