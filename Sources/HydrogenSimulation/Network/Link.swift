import HydrogenProtocol
import HydrogenShard

/// One TCP connection between a client and the server, with what the transport on the server's side remembers of it.
struct Link {
    /// What becomes of packets on this path.
    enum Path: UInt8 {
        case open
        /// The network is gone for a while: packets wait, as TCP sends them again.
        case holding
        /// Nothing gets through, and nothing ever will.
        case lost
    }

    /// Packets in order, by their places in the pool.
    struct PacketList {
        var first = PacketPool.none
        var last = PacketPool.none

        var isEmpty: Bool { self.first == PacketPool.none }
    }

    /// Rises each time the place in the table is given out.
    var generation: UInt32 = 0
    var client: UInt32 = 0
    var loop: LoopIndex = 0
    /// The server's name for it; generation 0 before it was accepted.
    var id = ConnectionID(slot: 0, generation: 0)
    /// What the server's side may be told next.
    var grammar = TransportGrammar()
    /// Whether the server has a socket for it, from accept to `transportEnded`.
    var hasServerSide = false
    /// Whether the client has one.
    var hasClientSide = true
    /// What `transportEnded` will give as the reason.
    var end = TransportEnd.lost

    /// The last packet of each direction arrives at this time: none overtakes another.
    var toServerAt: Int64 = 0
    var toClientAt: Int64 = 0
    var path = Path.open
    /// What waits for the network to come back.
    var heldByNetwork = PacketList()

    /// Bytes that the server wrote and the client has not taken.
    var outstandingByteCount = 0
    var sendBufferByteCount = 0
    /// How fast the client takes them; 0: as they come.
    var bytesPerSecond = 0
    /// Whether the client takes them at all.
    var isReading = true
    /// What has arrived and is not read.
    var heldByClient = PacketList()
    /// Whether nothing of what the client sends leaves its machine.
    var isMute = false

    /// The socket takes nothing until then.
    var chokedUntil: Int64 = 0
    /// The core, or the transport itself, wants to know when it can write again.
    var wantsWritable = false
    var isWritableScheduled = false
    /// The close frame that goes out as soon as the buffer is empty.
    var closeCode: UInt16 = 0
    var closeReason: ErrorCode?
    var isCloseSent = false

    /// What the server owes the client of this connection.
    var owed = OwedResponses()
    /// Its rate limits, counted a second time.
    var limits = LimitOracle.Connection()
    /// Bytes of the message that is arriving.
    var arrivingByteCount = 0
    /// Whether events to it are compared with its subscriptions.
    var watchesEvents = false
    /// Which session of its client goes over it; 0 before that is settled.
    var session: UInt32 = 0
    /// The session that the server speaks for over it, while events are watched.
    var delivery = DeliveryOracle.OfLink()
    /// When it waited for its socket last.
    var heldUpAt: Int64 = -1

    /// Whether more was written than the socket takes: the transport keeps the rest, and takes nothing more.
    var isPartiallyBuffered: Bool { self.outstandingByteCount > self.sendBufferByteCount }
}

/// The links, by place. A freed place is given out again under the next generation.
struct LinkTable {
    static let none = UInt32.max

    private var links: [Link] = []
    private var freePlaces: [UInt32] = []

    var inUseCount: Int { self.links.count - self.freePlaces.count }
    var places: Range<Int> { self.links.indices }

    mutating func insert(client: UInt32) -> UInt32 {
        let place: UInt32
        if let free = self.freePlaces.popLast() {
            place = free
        } else {
            place = UInt32(self.links.count)
            self.links.append(Link())
        }
        let old = self.links[Int(place)]
        var link = Link()
        link.generation = old.generation &+ 1
        link.client = client
        link.owed = old.owed
        link.owed.removeAll()
        self.links[Int(place)] = link
        return place
    }

    mutating func remove(_ place: UInt32) {
        self.links[Int(place)].generation &+= 1
        self.links[Int(place)].client = UInt32.max
        self.freePlaces.append(place)
    }

    /// Whether the place still belongs to the same link.
    @inline(__always)
    func holds(_ place: UInt32, _ generation: UInt32) -> Bool {
        Int(place) < self.links.count && self.links[Int(place)].generation == generation
    }

    func isInUse(_ place: Int) -> Bool { self.links[place].client != UInt32.max }

    subscript(place: UInt32) -> Link {
        @inline(__always) _read { yield self.links[Int(place)] }
        @inline(__always) _modify { yield &self.links[Int(place)] }
    }
}
