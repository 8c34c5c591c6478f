import Foundation
import HydrogenThreads

/// A network between a client and a server, which a test can cut and silence.
final class Relay: Sendable {
    private struct State: Sendable {
        var isOpen = true
        var isOver = false
        var sockets: Set<Int32> = []
        /// Of these nothing comes through any more.
        var silenced: Set<Int32> = []
    }

    private let listener: Int32
    let port: Int
    private let target: Int
    private let state = Guarded(State())

    var url: String { "ws://127.0.0.1:\(self.port)/" }

    /// - Parameter listensOnly: The system takes connections, and nobody looks at them.
    init(to target: Int, listensOnly: Bool = false) throws {
        self.target = target
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Relay.address(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { any in
                bind(listener, any, size) == 0 && listen(listener, 16) == 0 && getsockname(listener, any, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        self.listener = listener
        self.port = Int(UInt16(bigEndian: address.sin_port))
        if !listensOnly { try SystemThread { [self] in self.acceptAll() }.detach() }
    }

    /// Every connection is lost; new ones are taken.
    func cut() {
        self.state.withLock { state in
            for socket in state.sockets { Self.reset(socket) }
        }
    }

    /// Every connection is lost, and so are new ones, until `open`.
    func close() {
        self.state.withLock { $0.isOpen = false }
        self.cut()
    }

    func open() { self.state.withLock { $0.isOpen = true } }

    /// Nothing comes through any more, in either direction; new connections work.
    func silence() { self.state.withLock { $0.silenced = $0.sockets } }

    func end() {
        self.state.withLock { $0.isOver = true }
        self.close()
        shutdown(self.listener, Int32(SHUT_RDWR))
    }

    deinit { Glibc.close(self.listener) }

    private func acceptAll() {
        while true {
            let client = accept(self.listener, nil, nil)
            let (isOver, isOpen) = self.state.withLock { ($0.isOver, $0.isOpen) }
            if isOver || client < 0 { return }
            guard isOpen, let server = self.connect() else {
                Self.reset(client)
                Glibc.close(client)
                continue
            }
            self.state.withLock { $0.sockets.formUnion([client, server]) }
            let ends = Guarded(2)
            for (from, to) in [(client, server), (server, client)] {
                try? SystemThread { self.pump(from, to, ends) }.detach()
            }
        }
    }

    private func pump(_ from: Int32, _ to: Int32, _ ends: Guarded<Int>) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            if self.isSilenced(from) { continue }
            var sent = 0
            while sent < count {
                let more = buffer.withUnsafeBytes {
                    send(to, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
                }
                guard more > 0 else { break }
                sent += more
            }
        }
        if !self.isSilenced(from) { shutdown(to, Int32(SHUT_RDWR)) }
        let isLast = ends.withLock { count in
            count -= 1
            return count == 0
        }
        guard isLast else { return }
        self.state.withLock { state in
            state.sockets.subtract([from, to])
            state.silenced.subtract([from, to])
            Glibc.close(from)
            Glibc.close(to)
        }
    }

    private func isSilenced(_ socket: Int32) -> Bool { self.state.withLock { $0.silenced.contains(socket) } }

    private func connect() -> Int32? {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(UInt16(self.target))
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isConnected { return server }
        Glibc.close(server)
        return nil
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    /// Both sides see a lost connection.
    private static func reset(_ socket: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        shutdown(socket, Int32(SHUT_RDWR))
    }
}
