import HydrogenProtocol

/// The signature of a command: HMAC-SHA256 under the connection's signing key over id, time stamp, channel, action and
/// the SHA-256 of the data, one to a line. None of the first four can hold a line feed.
package enum CommandSignature {
    /// - Parameters:
    ///   - key: the text of the signing key.
    ///   - id: decoded.
    ///   - timestamp: as it is sent.
    ///   - data: its JSON text from brace to brace; `{}` where it is absent.
    package static func make(
        key: Span<UInt8>, id: Span<UInt8>, timestamp: Span<UInt8>, channel: Span<UInt8>, action: Span<UInt8>,
        data: Span<UInt8>
    ) -> Digest {
        var function = HMACSHA256(key: key)
        function.update(line: id)
        function.update(line: timestamp)
        function.update(line: channel)
        function.update(line: action)
        let digest = SHA256.hash(data)
        for index in 0..<Digest.byteCount {
            function.update(Hexadecimal.digit(digest[index] &>> 4))
            function.update(Hexadecimal.digit(digest[index] & 15))
        }
        return function.finish()
    }

    /// Whether a text is this signature: 64 digits in lower case, compared in constant time.
    package static func matches(_ text: Span<UInt8>, _ signature: Digest) -> Bool {
        guard text.count == 2 * Digest.byteCount, let octets = Hexadecimal.decode(text),
            let given = Digest(octets.span)
        else { return false }
        return given.equalsInConstantTime(signature)
    }
}

extension HMACSHA256 {
    fileprivate mutating func update(line: Span<UInt8>) {
        self.update(line)
        self.update(UInt8(ascii: "\n"))
    }
}
