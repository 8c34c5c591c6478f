import CMicroHTTPD
import Glibc

/// libmicrohttpd: a thread that waits by epoll, reads requests, and hands them to the router. All of the C is in here.
///
/// `@unchecked Sendable`: the handle is given to functions that libmicrohttpd lets any thread call, and ends once.
@safe
final class HTTPDaemon: @unchecked Sendable {
    /// The most of a request's body that is read. (No endpoint takes one: it is read and dropped.)
    private static let maximumBodyByteCount = 1_048_576
    private static let connectionMemoryBytes = 32_768

    private let handle: OpaquePointer
    /// What the callbacks are given: lives as long as the daemon.
    private let context: Unmanaged<HTTPDaemonContext>

    init(_ options: HTTPServer.Options, router: HTTPRouter) throws(HTTPServerError) {
        let context = unsafe Unmanaged.passRetained(HTTPDaemonContext(router: router))
        var code: Int32 = 0
        let handle = unsafe options.interface.withCString { address in
            var settings = unsafe hydrogen_http_options(
                address: address, port: options.port, connection_limit: options.connectionLimit,
                connection_timeout_seconds: options.connectionTimeoutSeconds,
                connection_memory_bytes: Self.connectionMemoryBytes)
            return unsafe hydrogen_http_start(&settings, handleRequest, completeRequest, context.toOpaque(), &code)
        }
        guard let handle = unsafe handle else {
            unsafe context.release()
            if code == HYDROGEN_HTTP_NO_ADDRESS { throw .interface(options.interface) }
            throw .listen(interface: options.interface, port: options.port, errno: code)
        }
        unsafe self.handle = handle
        unsafe self.context = context
    }

    var boundPort: UInt16 { unsafe hydrogen_http_bound_port(self.handle) }

    /// To be called once: the handle is gone afterwards.
    func stop() {
        unsafe MHD_stop_daemon(self.handle)
        unsafe self.context.release()
    }

    /// A part of a request has arrived.
    fileprivate static func receive(
        _ context: HTTPDaemonContext, _ connection: OpaquePointer, method: String, path: String, bodyByteCount: Int,
        _ exchange: inout HTTPExchange?
    ) -> MHD_Result {
        guard let current = exchange else {
            // Only the head is here; an answer at this point would cost the connection if a body follows.
            exchange = HTTPExchange()
            return .YES
        }
        if bodyByteCount > 0 {
            current.bodyByteCount += bodyByteCount
            return current.bodyByteCount <= Self.maximumBodyByteCount ? .YES : .NO
        }
        let request = unsafe HTTPRequest(method: method, path: path, headers: Self.headers(of: connection))
        return unsafe Self.send(context.router.respond(to: request), on: connection)
    }

    private static func headers(of connection: OpaquePointer) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        unsafe withUnsafeMutablePointer(to: &headers) { list in
            _ = unsafe MHD_get_connection_values(connection, .HEADER_KIND, collectHeader, list)
        }
        return headers
    }

    private static func send(_ answer: HTTPResponse, on connection: OpaquePointer) -> MHD_Result {
        let response = unsafe answer.body.withUnsafeBytes { body in
            // It copies: the pointer is not written through.
            unsafe MHD_create_response_from_buffer(
                body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let response = unsafe response else { return .NO }
        defer { unsafe MHD_destroy_response(response) }
        for header in answer.headers {
            if unsafe MHD_add_response_header(response, header.name, header.value) == .NO { return .NO }
        }
        return unsafe MHD_queue_response(connection, UInt32(answer.status), response)
    }
}

/// What the callbacks need of the server.
private final class HTTPDaemonContext: Sendable {
    let router: HTTPRouter
    init(router: HTTPRouter) { self.router = router }
}

/// One request from its head to its answer; only the daemon's thread touches it.
private final class HTTPExchange {
    var bodyByteCount = 0
}

/// `MHD_AccessHandlerCallback`: with the head, with each part of the body, and once more at the end.
private func handleRequest(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ body: UnsafePointer<CChar>?,
    _ bodyByteCount: UnsafeMutablePointer<Int>?, _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context = unsafe context, let connection = unsafe connection, let url = unsafe url,
        let method = unsafe method, let count = unsafe bodyByteCount, let state = unsafe state
    else { return .NO }
    let daemon = unsafe Unmanaged<HTTPDaemonContext>.fromOpaque(context).takeUnretainedValue()
    var exchange = unsafe state.pointee.map { unsafe Unmanaged<HTTPExchange>.fromOpaque($0).takeUnretainedValue() }
    let received = unsafe count.pointee
    unsafe count.pointee = 0
    let result = unsafe HTTPDaemon.receive(
        daemon, connection, method: String(cString: method), path: String(cString: url), bodyByteCount: received,
        &exchange)
    if unsafe state.pointee == nil, let exchange {
        unsafe state.pointee = Unmanaged.passRetained(exchange).toOpaque()
    }
    return result
}

/// `MHD_RequestCompletedCallback`: answered, or the connection has ended.
private func completeRequest(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
    guard let state = unsafe state, let exchange = unsafe state.pointee else { return }
    unsafe Unmanaged<HTTPExchange>.fromOpaque(exchange).release()
    unsafe state.pointee = nil
}

/// `MHD_KeyValueIterator` over the headers of a request.
private func collectHeader(
    _ list: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
    _ value: UnsafePointer<CChar>?
) -> MHD_Result {
    guard let list = unsafe list, let name = unsafe name else { return .NO }
    let text = unsafe value.map { unsafe String(cString: $0) } ?? ""
    unsafe list.assumingMemoryBound(to: [(name: String, value: String)].self).pointee.append(
        (name: String(cString: name), value: text))
    return .YES
}

/// What the system calls an `errno`.
func reason(_ code: Int32) -> String {
    guard code != 0, let text = unsafe strerror(code) else { return "unknown reason" }
    return unsafe String(cString: text)
}
