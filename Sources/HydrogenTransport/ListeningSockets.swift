import CLibwebsockets
import Glibc
import HydrogenProtocol
import HydrogenShard

/// The listening sockets of one loop. The kernel spreads connections over the loops that share a port.
package struct ListeningSockets: Sendable {
    package private(set) var descriptors: [Int32]
    /// The port that was found, where 0 was asked for.
    package let port: UInt16

    /// How many connections the kernel keeps until they are accepted (it has a bound of its own).
    private static let backlog: Int32 = 4096
    /// How often another free port is tried, when the one found for IPv4 is taken for IPv6.
    private static let maxAttempts = 16

    /// Opens the sockets of all loops.
    ///
    /// - Parameters:
    ///   - address: a numeric address. "0.0.0.0" listens on "::" too, each socket for its own family, if `enableIPv6`
    ///     and if this machine has IPv6.
    ///   - port: 0 takes a free one, the same for all.
    package static func open(address: String, enableIPv6: Bool, port: UInt16, loopCount: Int) throws(TransportError)
        -> [ListeningSockets]
    {
        var attempt = 0
        while true {
            attempt += 1
            do {
                return try Self.openOnce(address: address, enableIPv6: enableIPv6, port: port, loopCount: loopCount)
            } catch .listen(let address, let taken, EADDRINUSE) {
                guard port == 0, attempt < Self.maxAttempts else {
                    throw .listen(address: address, port: taken, code: EADDRINUSE)
                }
            }
        }
    }

    private static func openOnce(
        address: String, enableIPv6: Bool, port: UInt16, loopCount: Int
    ) throws(TransportError) -> [ListeningSockets] {
        if port != 0 {
            let fault = unsafe hydrogen_port_check(address, port)
            guard fault == 0 else { throw .listen(address: address, port: port, code: -fault) }
        }
        var port = port
        var opened: [[Int32]] = []
        do {
            for _ in 0..<loopCount {
                var descriptors = [try Self.listen(address, &port)]
                opened.append(descriptors)
                guard address == "0.0.0.0", enableIPv6 else { continue }
                do {
                    descriptors.append(try Self.listen("::", &port))
                    opened[opened.count - 1] = descriptors
                } catch .listen(_, _, EAFNOSUPPORT) {
                    // This machine has no IPv6.
                } catch .listen(_, _, EADDRNOTAVAIL) {
                    // IPv6 is switched off.
                }
            }
        } catch {
            for descriptor in opened.joined() { Glibc.close(descriptor) }
            throw error
        }
        let found = port
        return opened.map { ListeningSockets(descriptors: $0, port: found) }
    }

    private static func listen(_ address: String, _ port: inout UInt16) throws(TransportError) -> Int32 {
        var bound = port
        let descriptor = unsafe hydrogen_listen(address, port, Self.backlog, &bound)
        guard descriptor >= 0 else { throw .listen(address: address, port: port, code: -descriptor) }
        port = bound
        return descriptor
    }

    /// Closes them; harmless when they are closed.
    package mutating func close() {
        for descriptor in self.descriptors { Glibc.close(descriptor) }
        self.descriptors = []
    }
}

/// Takes one connection: its socket and its peer, or the code of `errno`.
func acceptConnection(from listener: Int32) -> (descriptor: Int32, peer: PeerAddress) {
    var octets = InlineArray<16, UInt8>(repeating: 0)
    var port = UInt16(0)
    var span = octets.mutableSpan
    let descriptor = unsafe span.withUnsafeMutableBufferPointer { buffer in
        unsafe hydrogen_accept(listener, buffer.baseAddress, &port)
    }
    var high = UInt64(0)
    var low = UInt64(0)
    for index in 0..<8 {
        high = high << 8 | UInt64(octets[index])
        low = low << 8 | UInt64(octets[index + 8])
    }
    return (descriptor, PeerAddress(high: high, low: low, port: port))
}
