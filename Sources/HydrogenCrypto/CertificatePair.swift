import COpenSSL
import HydrogenProtocol

/// A certificate and the private key that belongs to it, read from PEM texts (RFC 7468).
package struct CertificatePair: Sendable, Equatable {
    /// Why the two cannot serve TLS.
    package enum Fault: Error, Sendable, Equatable {
        case notACertificate
        /// No private key, or one that asks for a pass phrase.
        case notAPrivateKey
        /// The key is not the certificate's.
        case mismatch
        case expired
        case notYetValid
    }

    /// From when on the certificate is not valid any more.
    package let notAfter: WallTime
    /// From when on it is valid.
    package let notBefore: WallTime

    /// Takes the first certificate and the first key, and checks that they belong together.
    package init(certificate: Span<UInt8>, privateKey: Span<UInt8>) throws(Fault) {
        defer { ERR_clear_error() }
        guard
            let certificate = unsafe Self.read(
                certificate, { unsafe PEM_read_bio_X509($0, nil, refusePassPhrase, nil) })
        else { throw .notACertificate }
        defer { unsafe X509_free(certificate) }
        guard let key = unsafe Self.read(privateKey, { unsafe PEM_read_bio_PrivateKey($0, nil, refusePassPhrase, nil) })
        else { throw .notAPrivateKey }
        defer { unsafe EVP_PKEY_free(key) }
        guard unsafe X509_check_private_key(certificate, key) == 1 else { throw .mismatch }
        self.notAfter = unsafe Self.time(X509_get0_notAfter(certificate))
        self.notBefore = unsafe Self.time(X509_get0_notBefore(certificate))
    }

    /// Checks that the certificate is valid at this time.
    package func check(at now: WallTime) throws(Fault) {
        guard now < self.notAfter else { throw .expired }
        guard now >= self.notBefore else { throw .notYetValid }
    }

    /// Whether a PEM text holds a certificate, as a list of authorities does.
    package static func holdsCertificate(_ text: Span<UInt8>) -> Bool {
        defer { ERR_clear_error() }
        guard let certificate = unsafe Self.read(text, { unsafe PEM_read_bio_X509($0, nil, refusePassPhrase, nil) })
        else { return false }
        unsafe X509_free(certificate)
        return true
    }

    private static func read(_ text: Span<UInt8>, _ body: (OpaquePointer?) -> OpaquePointer?) -> OpaquePointer? {
        unsafe text.withUnsafeBytes { buffer in
            guard let count = Int32(exactly: buffer.count),
                let source = unsafe BIO_new_mem_buf(buffer.baseAddress, count)
            else { return nil }
            defer { unsafe BIO_free(source) }
            return unsafe body(source)
        }
    }

    private static func time(_ time: UnsafePointer<ASN1_TIME>?) -> WallTime {
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard let origin = unsafe ASN1_TIME_set(nil, 0) else { return WallTime(milliseconds: 0) }
        defer { unsafe ASN1_TIME_free(origin) }
        guard unsafe ASN1_TIME_diff(&days, &seconds, origin, time) == 1 else { return WallTime(milliseconds: 0) }
        return WallTime(milliseconds: (Int64(days) * 86_400 + Int64(seconds)) * 1_000)
    }
}

/// libcrypto would ask at the terminal: a server has nobody to ask.
private func refusePassPhrase(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int32, _ isForWriting: Int32, _ context: UnsafeMutableRawPointer?
) -> Int32 { -1 }
