import Foundation

/// A client over a plain socket: it sees what is really on the wire, and keeps its connection.
final class HTTPClient {
    struct Response {
        var status: Int
        /// Lower-case names.
        var headers: [String: String]
        var body: [UInt8]
        var text: String { String(decoding: self.body, as: UTF8.self) }
    }

    enum Fault: Error { case socket, connect(Int32), ended }

    private let descriptor: Int32
    private var pending: [UInt8] = []

    init(port: UInt16, family: Int32 = AF_INET) throws {
        self.descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        if self.descriptor < 0 { throw Fault.socket }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(
            self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var result: Int32
        if family == AF_INET6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = in6addr_loopback
            result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        if result != 0 { throw Fault.connect(errno) }
    }

    deinit { close(self.descriptor) }

    func request(_ method: String, _ path: String, _ headers: [String: String] = [:], body: String? = nil) throws
        -> Response
    {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.utf8.count)\r\n" }
        try self.send(head + "\r\n" + (body ?? ""))
        return try self.response(hasBody: method != "HEAD")
    }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { throw Fault.ended }
            sent += count
        }
    }

    func response(hasBody: Bool) throws -> Response {
        while self.endOfHead == nil { try self.receive() }
        let end = self.endOfHead ?? 0
        let lines = String(decoding: self.pending[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        self.pending.removeFirst(end + 4)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        let length = hasBody ? Int(headers["content-length"] ?? "0") ?? 0 : 0
        while self.pending.count < length { try self.receive() }
        let body = Array(self.pending[..<length])
        self.pending.removeFirst(length)
        let status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        return Response(status: status, headers: headers, body: body)
    }

    /// Whether nothing has come that was not read.
    var isSilent: Bool {
        var byte: UInt8 = 0
        return self.pending.isEmpty && recv(self.descriptor, &byte, 1, Int32(MSG_DONTWAIT | MSG_PEEK)) < 0
    }

    private var endOfHead: Int? {
        self.pending.count < 4
            ? nil : (0...(self.pending.count - 4)).first { Array(self.pending[$0..<($0 + 4)]) == [13, 10, 13, 10] }
    }

    private func receive() throws {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(self.descriptor, &chunk, chunk.count, 0)
        if count <= 0 { throw Fault.ended }
        self.pending += chunk[..<count]
    }
}
