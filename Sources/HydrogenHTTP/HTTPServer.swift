import Synchronization

/// The HTTP side: one thread that serves scrapers, probes and people.
package final class HTTPServer: Sendable {
    package enum SecureMode: Sendable {
        /// Plain HTTP: for loopback or a private network.
        case none
        /// HTTPS: PEM texts of the certificate, followed by its chain, and of its key.
        case tls(certificate: [UInt8], key: [UInt8])
    }

    package struct Options: Sendable {
        /// An IPv4 or IPv6 address; `::` takes connections of both families.
        package var interface: String
        /// 0: any free one.
        package var port: UInt16
        package var secureMode = SecureMode.none
        /// Connections beyond it wait in the backlog.
        package var connectionLimit: UInt32 = 256
        /// A connection on which nothing moves for so long is closed.
        package var connectionTimeoutSeconds: UInt32 = 30
        /// The version of the product, as the page at `/` shows it.
        package var version: String

        package init(interface: String, port: UInt16, version: String) {
            self.interface = interface
            self.port = port
            self.version = version
        }
    }

    /// The port that it listens on.
    package let port: UInt16
    private let daemon: HTTPDaemon
    private let isStopped = Atomic(false)

    /// Listens and serves until `stop`.
    ///
    /// - Parameter api: What backends and operators may ask; nil: nothing.
    package init(_ options: Options, source: HTTPSource, api: ServerAPI? = nil) throws(HTTPServerError) {
        let router = HTTPRouter(
            openEndpoints(source, version: options.version) + (api.map { APIEndpoints(api: $0).routes } ?? []))
        self.daemon = try HTTPDaemon(options, router: router)
        self.port = self.daemon.boundPort
    }

    deinit { self.stop() }

    /// From the next handshake on another certificate is shown; connections go on. False: the old one stays.
    package func replaceCertificate(_ certificate: [UInt8], key: [UInt8]) -> Bool {
        self.daemon.replaceCertificate(certificate, key: key)
    }

    /// Closes the port and all connections, and waits for the request in hand. A second call does nothing. Never from
    /// within a closure of the source, which runs on the thread that this waits for.
    package func stop() {
        if !self.isStopped.exchange(true, ordering: .acquiringAndReleasing) { self.daemon.stop() }
    }
}

/// Why the HTTP side did not start.
package enum HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Neither an IPv4 nor an IPv6 address.
    case interface(String)
    /// It cannot listen there: `errno` says why (0: unknown).
    case listen(interface: String, port: UInt16, errno: Int32)

    package var description: String {
        switch self {
        case .interface(let text): "“\(text)” is neither an IPv4 nor an IPv6 address"
        case .listen(let interface, let port, let code): "cannot listen on \(interface) port \(port): \(reason(code))"
        }
    }
}
