import HydrogenProtocol
import Testing

@testable import HydrogenShard

@Suite struct SessionTokenTests {
    static let random: [UInt8] = (0..<32).map { UInt8($0 &* 7 &+ 3) }

    static func equals(_ text: [UInt8]) -> Bool { SessionToken(random: self.random.span).equals(text.span) }

    @Test func itsTextIsItsPrefixAndItsRandomBytes() {
        var text = Array("hs_".utf8)
        Base64URL.append(Self.random.span, to: &text)
        #expect(SessionToken(random: Self.random.span).text == text)
        #expect(text.count == SessionToken.byteCount)
        #expect(Self.equals(text))
    }

    /// Each octet counts, and each of its bits.
    @Test func anotherTextIsNotIt() {
        let text = SessionToken(random: Self.random.span).text
        for index in text.indices {
            for bit in 0..<8 {
                var other = text
                other[index] ^= 1 << bit
                #expect(!Self.equals(other))
            }
        }
        for count in 0..<text.count { #expect(!Self.equals(Array(text.prefix(count)))) }
        #expect(!Self.equals(text + [0]))
        #expect(!Self.equals([]))
    }
}
