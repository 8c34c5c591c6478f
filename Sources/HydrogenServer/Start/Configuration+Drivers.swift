import HydrogenConfiguration
import HydrogenHTTP
import HydrogenTransport

extension Configuration {
    /// How much later than the core lws would give a handshake up: more than the pauses of a busy machine, after which it
    /// would not be told whose turn is first.
    private static var handshakeMarginSeconds: Int { 5 }

    var loop: LoopConfiguration {
        var loop = LoopConfiguration()
        loop.handshakeTimeoutSeconds =
            Int((self.handshakeTimeout.nanoseconds + 999_999_999) / 1_000_000_000) + Self.handshakeMarginSeconds
        loop.serviceInterval = self.serviceInterval
        loop.tls = self.tls
        loop.offersEcho = self.diagnosticEcho
        return loop
    }

    /// How the HTTP side listens. Reads the certificate, if it is to show one.
    func httpOptions() throws(FileError) -> HTTPServer.Options {
        var options = HTTPServer.Options(
            interface: self.metrics.interface, port: UInt16(self.metrics.port), version: Version.current)
        if self.metrics.secureMode == .tls, let files = self.certificateFiles {
            options.secureMode = .tls(
                certificate: try SafeFile.read(files.certificatePath, atMost: Configuration.maxFileByteCount),
                key: try SafeFile.read(files.keyPath, atMost: Configuration.maxFileByteCount))
        }
        return options
    }

    /// nil while the WebSocket side has no TLS.
    var tls: TLSFiles? { self.secureMode == .tls ? self.certificateFiles : nil }

    /// Where the certificate of both sides lies; nil while neither shows one.
    var certificateFiles: TLSFiles? {
        guard self.usesTLS, let certificate = self.certificatePath, let key = self.keyPath else {
            return nil
        }
        return TLSFiles(certificatePath: certificate, keyPath: key, clientCAPath: self.clientCAPath)
    }
}
