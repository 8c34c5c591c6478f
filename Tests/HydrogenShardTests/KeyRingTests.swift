import HydrogenCrypto
import HydrogenProtocol
import Testing

@testable import HydrogenShard

@Suite struct KeyRingTests {
    static let now = WallTime(milliseconds: 1_000_000)
    static let token = "hk_" + String(repeating: "A", count: 43)
    static let revoked = "hk_" + String(repeating: "R", count: 43)

    static let ring = KeyRing(
        grants: [
            TestServer.grant("right", token: token), TestServer.grant("gone", token: revoked, isRevoked: true),
            TestServer.grant("late", token: "hk_late", expires: WallTime(milliseconds: 999_999)),
            TestServer.grant("soon", token: "hk_soon", expires: WallTime(milliseconds: 1_000_001)),
            TestServer.grant("CN=device", token: "hk_first", expires: WallTime(milliseconds: 1)),
            TestServer.grant("CN=device", token: "hk_second"),
        ], anonymous: nil)

    @Test(arguments: [
        (token, nil), (revoked, KeyRefusal.revoked), ("hk_late", .expired), ("hk_soon", nil), ("", .invalid),
        (String(token.dropLast()), .invalid), (token + "A", .invalid), ("hk_nobody", .invalid),
    ])
    func aTokenOpensWhatItsKeySays(_ token: String, _ refusal: KeyRefusal?) {
        let result = Self.ring.grant(for: Array(token.utf8).span, at: Self.now)
        switch result {
        case .success: #expect(refusal == nil)
        case .failure(let found): #expect(found == refusal)
        }
    }

    @Test func aSubjectIsAnIdentity() throws {
        let found = Self.ring.grant(ofSubject: "CN=device", at: Self.now)
        #expect(try #require(found).get().digest == SHA256.hash(Array("hk_second".utf8).span), "the key that is good now")
        #expect(Self.ring.grant(ofSubject: "CN=other", at: Self.now) == nil)
        guard case .failure(.revoked)? = Self.ring.grant(ofSubject: "gone", at: Self.now) else {
            return #expect(Bool(false), "a subject whose key has ended is told so")
        }
    }

    @Test func whatCameOfATicketEndsWithItsIssuer() {
        func grant(_ issuer: String, expires: Int64) -> Grant {
            Grant(
                identity: "page", permissions: [], keyID: "", expires: WallTime(milliseconds: expires), isRevoked: false,
                digest: nil, issuer: SHA256.hash(Array(issuer.utf8).span))
        }
        #expect(Self.ring.successor(of: grant(Self.token, expires: 2_000_000), at: Self.now) != nil)
        #expect(Self.ring.successor(of: grant(Self.token, expires: 1_000_000), at: Self.now) == nil)
        #expect(Self.ring.successor(of: grant(Self.revoked, expires: 2_000_000), at: Self.now) == nil)
        #expect(Self.ring.successor(of: grant("hk_late", expires: 2_000_000), at: Self.now) == nil)
        #expect(Self.ring.successor(of: grant("hk_nobody", expires: 2_000_000), at: Self.now) == nil)
        #expect(Self.ring.mayReturn(grant("hk_late", expires: 2_000_000)), "its issuer may be prolonged")
        #expect(!Self.ring.mayReturn(grant(Self.revoked, expires: 2_000_000)))
    }

    /// What a wrong token has in common with a right one does not show: each costs a digest and a look-up by it. Of many
    /// rounds the fastest counts, as nothing of the machine's can make that one faster.
    @Test func everyWrongTokenCostsTheSame() {
        let tokens = [
            "hk_" + String(repeating: "B", count: 43), "hk_" + String(repeating: "A", count: 42) + "B", Self.revoked,
            "xx_" + String(repeating: "A", count: 43),
        ].map { Array($0.utf8) }
        var fastest = [Duration](repeating: .seconds(1_000), count: tokens.count)
        for _ in 0..<60 {
            for (index, token) in tokens.enumerated() {
                let time = ContinuousClock().measure {
                    for _ in 0..<200 { _ = Self.ring.grant(for: token.span, at: Self.now) }
                }
                fastest[index] = min(fastest[index], time)
            }
        }
        let (least, most) = (fastest.min() ?? .zero, fastest.max() ?? .zero)
        #expect(most < least * 1.5, "\(fastest)")
    }
}
