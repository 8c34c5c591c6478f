import CMicroHTTPD
import Glibc

/// libmicrohttpd: a thread that waits by epoll, reads requests, and hands them to the router. All of the C is in here.
///
/// `@unchecked Sendable`: the handle is given to functions that libmicrohttpd lets any thread call, and ends once.
@safe
final class HTTPDaemon: @unchecked Sendable {
    private static let connectionMemoryBytes = 32_768

    private let handle: OpaquePointer
    /// What the callbacks are given: lives as long as the daemon.
    private let context: Unmanaged<HTTPDaemonContext>

    init(_ options: HTTPServer.Options, router: HTTPRouter) throws(HTTPServerError) {
        var texts: (certificate: [UInt8]?, key: [UInt8]?)
        if case .tls(let certificate, let key) = options.secureMode { texts = (certificate, key) }
        let context = unsafe Unmanaged.passRetained(
            HTTPDaemonContext(router: router, isSecure: texts.certificate != nil))
        var code: Int32 = 0
        let handle = unsafe options.interface.withCString { address in
            unsafe Self.withText(texts.certificate) { certificate in
                unsafe Self.withText(texts.key) { key in
                    var settings = unsafe hydrogen_http_options(
                        address: address, port: options.port, connection_limit: options.connectionLimit,
                        connection_timeout_seconds: options.connectionTimeoutSeconds,
                        connection_memory_bytes: Self.connectionMemoryBytes, certificate: certificate, key: key)
                    return unsafe hydrogen_http_start(
                        &settings, handleRequest, completeRequest, context.toOpaque(), &code)
                }
            }
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
        unsafe self.context.takeUnretainedValue().waiting.answerAll()
        unsafe MHD_stop_daemon(self.handle)
        unsafe hydrogen_http_forget_certificate(self.handle)
        unsafe self.context.release()
    }

    func replaceCertificate(_ certificate: [UInt8], key: [UInt8]) -> Bool {
        unsafe Self.withText(certificate) { certificate in
            unsafe Self.withText(key) { key in
                unsafe hydrogen_http_replace_certificate(self.handle, certificate, key)
            }
        }
    }

    /// A text as C has it.
    private static func withText<Result>(_ text: [UInt8]?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
        guard let text else { return body(nil) }
        return unsafe (text.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
            unsafe body($0.baseAddress)
        }
    }

    /// A part of a request has arrived.
    fileprivate static func receive(
        _ context: HTTPDaemonContext, _ connection: OpaquePointer, method: String, path: String,
        body: UnsafeBufferPointer<UInt8>, _ exchange: inout HTTPExchange?
    ) -> MHD_Result {
        guard let current = exchange else {
            // Only the head is here; an answer at this point would cost the connection if a body follows.
            var request = HTTPRequest(method: method, path: path)
            unsafe request.headers = Self.values(.HEADER_KIND, of: connection)
            unsafe request.query = Self.values(.GET_ARGUMENT_KIND, of: connection)
            unsafe hydrogen_http_peer(connection, &request.peer.high, &request.peer.low, &request.peer.port)
            request.isSecure = context.isSecure
            exchange = HTTPExchange(request, context.router.admit(request))
            return .YES
        }
        if body.count > 0 { return unsafe current.take(body) ? .YES : .NO }
        switch current.outcome {
        case .answered(let response):
            return unsafe Self.send(response, on: connection)
        case .wanted(let handle):
            let name = context.waiting.begin(UInt(bitPattern: connection))
            guard let name else {
                let busy = HTTPResponse.error(status: 503, .busy, "Too many requests wait.")
                return unsafe Self.send(busy, on: connection)
            }
            // The connection sleeps, and the daemon serves the others meanwhile.
            unsafe MHD_suspend_connection(connection)
            current.begin(name)
            handle(current.request) { context.waiting.answer(name, $0) }
            return .YES
        case .waiting(let name):
            // It was woken, so the answer is there.
            guard let response = context.waiting.take(name) else { return .NO }
            return unsafe Self.send(response, on: connection)
        }
    }

    private static func values(
        _ kind: MHD_ValueKind, of connection: OpaquePointer
    ) -> [(name: String, value: String)] {
        var values: [(name: String, value: String)] = []
        unsafe withUnsafeMutablePointer(to: &values) { list in
            _ = unsafe MHD_get_connection_values(connection, kind, collectValue, list)
        }
        return values
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
    let isSecure: Bool
    let waiting = WaitingRequests()

    init(router: HTTPRouter, isSecure: Bool) {
        self.router = router
        self.isSecure = isSecure
    }
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
    let part = unsafe UnsafeBufferPointer(start: UnsafeRawPointer(body)?.assumingMemoryBound(to: UInt8.self), count: received)
    let result = unsafe HTTPDaemon.receive(
        daemon, connection, method: String(cString: method), path: String(cString: url), body: part, &exchange)
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

/// `MHD_KeyValueIterator` over the headers, or the query, of a request.
private func collectValue(
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
