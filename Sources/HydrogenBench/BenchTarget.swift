import Glibc
import HydrogenProtocol

/// A server's URL, looked up: `ws://host[:port][/path]` or `wss://…`.
package struct BenchTarget: Sendable {
    private let url: ServerURL
    /// The first address of the host, as the system's calls take it.
    let address: [UInt8]

    package init(_ text: String) throws(BenchError) {
        guard let url = ServerURL(text) else { throw .url(text) }
        self.url = url
        self.address = try Self.lookUp(url.host, url.port)
    }

    package var isSecure: Bool { self.url.isSecure }
    package var host: String { self.url.host }
    package var port: UInt16 { self.url.port }
    /// With the query.
    package var path: String { self.url.target }
    /// What the `Host` header says.
    var authority: String { self.url.authority }

    private static func lookUp(_ host: String, _ port: UInt16) throws(BenchError) -> [UInt8] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, "\(port)", &hints, &list) == 0, let first = unsafe list else {
            throw .unknownHost(host)
        }
        defer { unsafe freeaddrinfo(first) }
        return unsafe Array(
            UnsafeRawBufferPointer(start: first.pointee.ai_addr, count: Int(first.pointee.ai_addrlen)))
    }
}

/// What the system says of a code of `errno`.
func errorText(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}
