import CLibwebsockets
import HydrogenProtocol

/// What is wrong with a certificate or its key.
package enum CertificateFault: Error, Sendable, Equatable, CaseIterable {
    /// No certificate in PEM form could be read.
    case unreadable
    /// No private key in PEM form could be read (one with a passphrase cannot).
    case keyUnreadable
    /// The key is not the certificate's.
    case mismatch
    case expired
    case notYetValid
}

extension TLSFiles {
    /// Checks that certificate and key can be read, belong together and are valid now.
    ///
    /// - Returns: the end of the certificate's life.
    package func check(at now: WallTime) throws(CertificateFault) -> WallTime {
        var end = Int64(0)
        let fault = unsafe hydrogen_certificate_check(
            self.certificatePath, self.keyPath, now.milliseconds / 1_000, &end)
        switch fault {
        case hydrogen_certificate_ok: return WallTime(milliseconds: end * 1_000)
        case hydrogen_certificate_key_unreadable: throw .keyUnreadable
        case hydrogen_certificate_mismatch: throw .mismatch
        case hydrogen_certificate_expired: throw .expired
        case hydrogen_certificate_not_yet_valid: throw .notYetValid
        default: throw .unreadable
        }
    }
}
