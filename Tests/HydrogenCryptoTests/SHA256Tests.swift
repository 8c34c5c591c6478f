import HydrogenCrypto
import Testing

/// The octets that hexadecimal digits stand for.
func octets(_ hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal)
    return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
}

/// A macro of the test library cannot take a span, so the tests call these.
func hash(_ message: [UInt8]) -> Digest { SHA256.hash(message.span) }
func authenticate(_ key: [UInt8], _ message: [UInt8]) -> Digest {
    HMACSHA256.authenticate(key: key.span, message: message.span)
}
func parse(_ octets: [UInt8]) -> Digest? { Digest(octets.span) }
func parse(hexadecimal: String) -> Digest? { Digest(hexadecimal: Array(hexadecimal.utf8).span) }

@Suite struct SHA256Tests {
    struct Vector: Sendable {
        var message: [UInt8]
        var digest: String
    }

    /// The examples of FIPS 180-4 (NIST, "SHA256.pdf" and "SHA2_Additional.pdf").
    static let vectors = [
        Vector(message: [], digest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        Vector(message: Array("abc".utf8), digest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Vector(
            message: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
            digest: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        Vector(message: [0xbd], digest: "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"),
        Vector(
            message: [0xc9, 0x8c, 0x8e, 0x55],
            digest: "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"),
        Vector(
            message: [UInt8](repeating: 0, count: 55),
            digest: "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"),
        Vector(
            message: [UInt8](repeating: 0, count: 56),
            digest: "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"),
        Vector(
            message: [UInt8](repeating: 0, count: 64),
            digest: "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"),
        Vector(
            message: [UInt8](repeating: 0x61, count: 1_000_000),
            digest: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]

    @Test(arguments: vectors) func knownAnswer(_ vector: Vector) {
        #expect(hash(vector.message).hexadecimal == vector.digest)
    }

    @Test(arguments: vectors) func piecesMakeTheWhole(_ vector: Vector) {
        var function = SHA256()
        for start in stride(from: 0, to: vector.message.count, by: 61) {
            function.update(Array(vector.message[start..<min(start + 61, vector.message.count)]).span)
        }
        #expect(function.finish().hexadecimal == vector.digest)
    }

    @Test func aCopyGoesOnByItself() {
        var first = SHA256()
        first.update(Array("ab".utf8).span)
        var second = first
        first.update(0x63)
        second.update(0x64)
        #expect(first.finish() == hash(Array("abc".utf8)))
        #expect(second.finish() == hash(Array("abd".utf8)))
    }
}

@Suite struct DigestTests {
    static let text = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"

    @Test func octetsKeepTheirOrder() throws {
        let bytes = octets(Self.text)
        let digest = try #require(parse(bytes))
        #expect(digest.words.0 == 0x0001_0203_0405_0607)
        #expect(digest.words.3 == 0x1819_1a1b_1c1d_1eff)
        #expect((0..<32).map { digest[$0] } == bytes)
        var appended: [UInt8] = []
        digest.append(to: &appended)
        #expect(appended == bytes)
        #expect(digest.hexadecimal == Self.text)
        #expect(parse(hexadecimal: Self.text.uppercased()) == digest)
    }

    @Test(arguments: [0, 31, 33, 64]) func otherCountsAreNoDigest(_ count: Int) {
        #expect(parse([UInt8](repeating: 0, count: count)) == nil)
    }

    @Test(arguments: [
        "", "00", String(repeating: "0", count: 63), String(repeating: "0", count: 65),
        String(repeating: "0", count: 63) + "g", String(repeating: "0", count: 63) + " ",
    ])
    func otherTextIsNoDigest(_ text: String) {
        #expect(parse(hexadecimal: text) == nil)
    }

    @Test(arguments: 0..<32) func everyOctetCounts(_ index: Int) throws {
        var bytes = octets(Self.text)
        let digest = try #require(parse(bytes))
        bytes[index] ^= 1
        let other = try #require(parse(bytes))
        #expect(digest != other)
        #expect(!digest.equalsInConstantTime(other))
    }
}
