import CLibwebsockets
import HydrogenProtocol
import HydrogenShard

/// The longest single send in bytes: what a core flushes at once, and its largest frame header.
private let sendBytes = 65_536 + 16

/// Makes lws's context for a loop. On the main thread, before any connection.
///
/// - Parameter user: what `lws_context_user` is to give back.
func makeServer(
    _ configuration: LoopConfiguration, on libev: OpaquePointer, callback: LoopTrampolines.Callback,
    user: UnsafeMutableRawPointer
) throws(TransportError) -> OpaquePointer {
    var message = [CChar](repeating: 0, count: 256)
    var settings = unsafe hydrogen_server_settings()
    unsafe settings.loop = UnsafeMutableRawPointer(libev)
    unsafe settings.callback = callback
    unsafe settings.user = user
    unsafe settings.receive_buffer_size = configuration.receiveBufferBytes
    unsafe settings.send_size = sendBytes
    unsafe settings.handshake_timeout_seconds = UInt32(configuration.handshakeTimeoutSeconds)

    // lws keeps the names, so they must outlive this call.
    unsafe settings.protocols.0 = Subprotocol.hydrogen.staticName.utf8Start.withMemoryRebound(
        to: CChar.self, capacity: 1, { unsafe $0 })
    if configuration.offersEcho {
        unsafe settings.protocols.1 = Subprotocol.echo.staticName.utf8Start.withMemoryRebound(
            to: CChar.self, capacity: 1, { unsafe $0 })
    }
    func create() -> OpaquePointer? {
        unsafe message.withUnsafeMutableBufferPointer { buffer in
            unsafe hydrogen_server_create(&settings, buffer.baseAddress, buffer.count)
        }
    }
    let server: OpaquePointer?
    if let tls = configuration.tls {
        unsafe server = tls.certificatePath.withCString { certificate in
            unsafe tls.keyPath.withCString { key in
                unsafe settings.certificate_path = certificate
                unsafe settings.key_path = key
                guard let authority = tls.clientCAPath else { return unsafe create() }
                return unsafe authority.withCString { path in
                    unsafe settings.client_ca_path = path
                    return unsafe create()
                }
            }
        }
    } else {
        unsafe server = create()
    }
    guard let server = unsafe server else {
        let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        throw .context(String(decoding: text, as: UTF8.self))
    }
    return unsafe server
}

extension Subprotocol {
    /// The name as a C string for the whole life of the process.
    var staticName: StaticString {
        switch self {
        case .hydrogen: "hydrogen-protocol"
        case .echo: "echo"
        }
    }
}
