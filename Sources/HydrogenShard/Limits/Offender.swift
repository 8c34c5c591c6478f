import HydrogenProtocol

/// An address as limits and blocks count it: IPv4 whole, IPv6 by /64, since who has one address of a /64 has all.
package struct CountedAddress: Sendable, Hashable {
    package let high: UInt64
    /// 0 for IPv6.
    package let low: UInt64

    package init(_ peer: PeerAddress) {
        self.high = peer.high
        self.low = peer.isIPv4 ? peer.low : 0
    }

    package func hash(_ salt: HashSalt) -> UInt64 {
        var hash = SaltedHash(salt)
        hash.combine(self.high)
        hash.combine(self.low)
        return hash.finish(EmptyCollection())
    }
}

/// Who offends and is blocked: an address, or an identity at an address, as many devices may share a key.
package struct Offender: Sendable, Hashable {
    package let address: CountedAddress
    /// nil: whoever comes from there and is not authenticated yet.
    package let identity: String?

    package init(_ address: CountedAddress, identity: String? = nil) {
        self.address = address
        self.identity = identity
    }

    func hash(_ salt: HashSalt) -> UInt64 {
        guard let identity = self.identity else { return self.address.hash(salt) }
        var hash = SaltedHash(salt)
        hash.combine(self.address.high)
        hash.combine(self.address.low)
        return hash.finish(identity.utf8)
    }
}

/// What an offence was about: the `reason` of a block.
package enum OffenceReason: Int, Sendable, CaseIterable {
    case authentication, `protocol`, rate

    package var label: String { "\(self)" }
}

extension ErrorCode {
    /// Why this error counts against an address that has not authenticated; nil if it does not. What a load balancer's
    /// probe may meet (path, sub-protocol, no upgrade) is none.
    var offenceBeforeAuthentication: OffenceReason? {
        switch self {
        case .authenticationMissing, .authenticationInvalid, .authenticationExpired, .authenticationRevoked:
            .authentication
        case .handshake, .framing: .protocol
        case .connectionRateLimited: .rate
        default: nil
        }
    }

    /// Why this error counts against an identity at its address; nil if it does not.
    var offenceAfterAuthentication: OffenceReason? {
        switch self {
        case .authenticationInvalid, .session, .signatureInvalid, .replayed: .authentication
        case .connectionRateLimited: .rate
        default: self.category == .protocol ? .protocol : nil
        }
    }
}
