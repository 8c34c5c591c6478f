import HydrogenCrypto
import Testing

@Suite struct Base64URLTests {
    struct Row: Sendable {
        var octets: [UInt8]
        var text: String
    }

    /// RFC 4648 §10, without padding, and the two characters that differ from plain base64.
    static let rows = [
        Row(octets: [], text: ""), Row(octets: Array("f".utf8), text: "Zg"), Row(octets: Array("fo".utf8), text: "Zm8"),
        Row(octets: Array("foo".utf8), text: "Zm9v"), Row(octets: Array("foob".utf8), text: "Zm9vYg"),
        Row(octets: Array("fooba".utf8), text: "Zm9vYmE"), Row(octets: Array("foobar".utf8), text: "Zm9vYmFy"),
        Row(octets: [0xfb, 0xff, 0xbf], text: "-_-_"),
    ]

    @Test(arguments: rows) func bothWays(_ row: Row) {
        var text: [UInt8] = []
        Base64URL.append(encoding: row.octets.span, to: &text)
        #expect(String(decoding: text, as: UTF8.self) == row.text)
        #expect(Base64URL.encodedCount(of: row.octets.count) == text.count)
        var octets: [UInt8] = []
        let succeeded = Base64URL.append(decoding: text.span, to: &octets)
        #expect(succeeded)
        #expect(octets == row.octets)
    }

    @Test func everyOctetComesBack() {
        let octets = Array(UInt8.min...UInt8.max)
        var text: [UInt8] = []
        Base64URL.append(encoding: octets.span, to: &text)
        var decoded: [UInt8] = []
        let succeeded = Base64URL.append(decoding: text.span, to: &decoded)
        #expect(succeeded)
        #expect(decoded == octets)
    }

    /// Impossible lengths, padding, the other alphabet, spaces, and bits left over.
    @Test(arguments: ["Z", "Zm9vZ", "Zg==", "Zm8=", "+_-_", "/_-_", "Zm 9", "Zm9v\n", "Zh", "Zm9", "Zgé"])
    func refused(_ text: String) {
        var octets: [UInt8] = [9]
        let succeeded = Base64URL.append(decoding: Array(text.utf8).span, to: &octets)
        #expect(!succeeded)
        #expect(octets == [9])
    }
}
