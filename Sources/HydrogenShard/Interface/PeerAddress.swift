/// The address of a peer: IPv6, or IPv4 in its mapped form (`::ffff:a.b.c.d`), in network order.
package struct PeerAddress: Sendable, Hashable {
    /// The first eight octets, most significant first.
    package var high: UInt64
    /// The last eight octets, most significant first.
    package var low: UInt64
    package var port: UInt16

    package init(high: UInt64, low: UInt64, port: UInt16) {
        self.high = high
        self.low = low
        self.port = port
    }

    /// An IPv4 address, most significant octet first.
    package init(ipv4 address: UInt32, port: UInt16) {
        self.init(high: 0, low: 0xffff_0000_0000 | UInt64(address), port: port)
    }

    package var isIPv4: Bool { self.high == 0 && self.low >> 32 == 0xffff }
}
