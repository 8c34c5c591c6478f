import Foundation
import Glibc

/// A WebSocket client by hand, with blocking calls of at most five seconds.
final class TestClient {
    let descriptor: Int32
    private var buffered: [UInt8] = []

    init(port: UInt16, receiveBuffer: Int32? = nil) {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(self.descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        if var size = receiveBuffer {
            setsockopt(self.descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { close(self.descriptor) }

    /// Closes with a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Sends nothing more: the server reads the end of the socket.
    func hangUp() { shutdown(self.descriptor, Int32(SHUT_WR)) }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(self.descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }

    func send(_ text: String) { self.send(Array(text.utf8)) }

    /// The next bytes; nil at the end, or when nothing comes.
    private func more() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(self.descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        self.buffered += chunk[..<count]
        return true
    }

    private func take(_ count: Int) -> [UInt8]? {
        while self.buffered.count < count { if !self.more() { return nil } }
        defer { self.buffered.removeFirst(count) }
        return Array(self.buffered[..<count])
    }

    /// Everything until the server hangs up.
    func readToEnd() -> String {
        while self.more() {}
        return String(decoding: self.buffered, as: UTF8.self)
    }

    /// The header of an answer, through the empty line.
    func readHead() -> String {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let range = self.buffered.firstRange(of: end) {
                defer { self.buffered.removeFirst(range.upperBound) }
                return String(decoding: self.buffered[..<range.upperBound], as: UTF8.self)
            }
            if !self.more() { return String(decoding: self.buffered, as: UTF8.self) }
        }
    }

    static func request(
        _ path: String = "/", method: String = "GET", offered: String? = "hydrogen-protocol",
        connection: String = "Upgrade", upgrade: String? = "websocket", more: String = ""
    ) -> String {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: \(connection)\r\n"
        if let upgrade { text += "Upgrade: \(upgrade)\r\n" }
        text += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        if let offered { text += "Sec-WebSocket-Protocol: \(offered)\r\n" }
        return text + more + "\r\n"
    }

    /// Performs the opening handshake, and gives the answer's header.
    @discardableResult
    func upgrade(_ path: String = "/", offered: String? = "hydrogen-protocol", more: String = "") -> String {
        self.send(Self.request(path, offered: offered, more: more))
        return self.readHead()
    }

    static func frame(
        _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, isMasked: Bool = true
    ) -> [UInt8] {
        var frame = [(isFinal ? 0x80 : 0) | opcode]
        let bit: UInt8 = isMasked ? 0x80 : 0
        switch payload.count {
        case ..<126: frame.append(bit | UInt8(payload.count))
        case ..<65_536: frame += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        default:
            frame.append(bit | 127)
            for shift in stride(from: 56, through: 0, by: -8) { frame.append(UInt8((payload.count >> shift) & 0xff)) }
        }
        guard isMasked else { return frame + payload }
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        return frame + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
    }

    func text(_ text: String) { self.send(Self.frame(1, Array(text.utf8))) }

    /// The next frame; nil at the end.
    func readFrame() -> (opcode: UInt8, payload: [UInt8])? {
        guard let head = self.take(2) else { return nil }
        var count = Int(head[1] & 0x7f)
        let extra = count == 126 ? 2 : count == 127 ? 8 : 0
        if extra > 0 {
            guard let length = self.take(extra) else { return nil }
            count = length.reduce(0) { $0 << 8 | Int($1) }
        }
        guard let payload = self.take(count) else { return nil }
        return (head[0] & 0x0f, payload)
    }

    /// Reads up to the close frame: its code and reason; nil if the socket ends without.
    func readClose() -> (code: UInt16, reason: String)? {
        while let frame = self.readFrame() {
            guard frame.opcode == 8 else { continue }
            guard frame.payload.count >= 2 else { return (1005, "") }
            return (
                UInt16(frame.payload[0]) << 8 | UInt16(frame.payload[1]),
                String(decoding: frame.payload.dropFirst(2), as: UTF8.self)
            )
        }
        return nil
    }
}
