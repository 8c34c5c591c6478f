import HydrogenCrypto
import HydrogenProtocol

/// Puts a pseudonym in the place of every key's token that a recording would hold.
///
/// The pseudonym looks like a token and is the same each time, so the recorded shard finds it in the recorded key ring,
/// compares it and repeats it exactly as the real one was. It is made from the token's SHA-256, which is all that a key
/// ring knows, under a secret that is drawn for each recording and never written: neither the token nor a guess at it
/// can be tested against the file.
///
/// Used by one thread.
package final class KeyMask {
    private let secret: HMACSHA256
    /// The pseudonyms of the tokens seen last, each at a place that its bytes name.
    private var known: [(token: [UInt8], pseudonym: [UInt8])] = Array(repeating: ([], []), count: 64)

    /// - Parameter secret: random bytes.
    package init(secret: [UInt8]) { self.secret = HMACSHA256(key: secret.span) }

    /// Appends bytes with each token in them replaced.
    func append(_ bytes: Span<UInt8>, to out: inout [UInt8]) {
        var start = 0
        while let begin = KeyPattern.first(in: bytes, from: start) {
            out.append(bytes.extracting(start..<begin))
            start = begin + KeyPattern.byteCount
            out += self.pseudonym(of: bytes.extracting(begin..<start))
        }
        out.append(bytes.extracting(start...))
    }

    /// Where the last token of `bytes` ends; 0 without one.
    func endOfKeys(in bytes: Span<UInt8>) -> Int {
        var end = 0
        while let begin = KeyPattern.first(in: bytes, from: end) { end = begin + KeyPattern.byteCount }
        return end
    }

    /// What stands for a token, whatever it looks like.
    func pseudonym(of token: Span<UInt8>) -> [UInt8] {
        // Of a token's letters the last but one are as good as random.
        let place = token.count < 8 ? 0 : Int(token[token.count - 2] ^ token[token.count - 3] << 1) & 63
        let known = self.known[place]
        if !token.isEmpty, known.token.span.isEqual(to: token) { return known.pseudonym }
        let pseudonym = self.pseudonym(ofDigest: SHA256.hash(token))
        self.known[place] = ([UInt8](token), pseudonym)
        return pseudonym
    }

    private func pseudonym(ofDigest digest: Digest) -> [UInt8] {
        var octets: [UInt8] = []
        digest.append(to: &octets)
        var function = self.secret
        function.update(octets.span)
        octets.removeAll(keepingCapacity: true)
        function.finish().append(to: &octets)
        var text: [UInt8] = []
        text.append(KeyPattern.prefix)
        Base64URL.append(octets.span, to: &text)
        return text
    }

    /// The digest under which a key ring knows the pseudonym of a token with this digest.
    func digest(for digest: Digest) -> Digest { SHA256.hash(self.pseudonym(ofDigest: digest).span) }
}
