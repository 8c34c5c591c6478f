import HydrogenProtocol

/// What the commands of one connection are signed with: 32 random octets, used by their text in base64url.
struct SigningKey: Sendable {
    static let byteCount = 32

    private var octets = InlineArray<32, UInt8>(repeating: 0)

    /// - Parameter bytes: 32 random ones.
    init(_ bytes: [UInt8]) {
        for index in 0..<min(bytes.count, Self.byteCount) { self.octets[index] = bytes[index] }
    }

    /// The key itself, as the client has it.
    var text: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(Base64URL.count(of: Self.byteCount))
        Base64URL.append(self.octets.span, to: &text)
        return text
    }
}
