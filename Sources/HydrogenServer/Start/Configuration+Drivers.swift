import HydrogenConfiguration
import HydrogenTransport

extension Configuration {
    var loop: LoopConfiguration {
        var loop = LoopConfiguration()
        loop.handshakeTimeoutSeconds = Int((self.handshakeTimeout.nanoseconds + 999_999_999) / 1_000_000_000)
        loop.serviceInterval = self.serviceInterval
        loop.tls = self.tls
        loop.offersEcho = self.diagnosticEcho
        return loop
    }

    /// nil while TLS is off.
    var tls: TLSFiles? {
        guard self.secureMode == .tls, let certificate = self.certificatePath, let key = self.keyPath else {
            return nil
        }
        return TLSFiles(certificatePath: certificate, keyPath: key)
    }
}
