import HydrogenProtocol
import Testing

@testable import HydrogenCrypto

/// Against values that Python's `hmac` and `hashlib` gave.
@Suite struct CommandSignatureTests {
    static let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

    @Test(arguments: [
        (
            ["c-1", "2026-11-25T12:00:00.000Z", "file", "delete", #"{"path":"a"}"#],
            "bc814f34ec5ce530282594ecae0966b3690985d68670c2a87fc42dc556fe1b90"
        ),
        (
            ["é", "2026-11-25T12:00:00Z", "system", "ping", "{}"],
            "99e985c92a25c926614594ebe9c79c8d965e1e37cc014e586ad99c99e640e84e"
        ),
    ])
    func isTheOneOfTheContract(_ parts: [String], _ expected: String) {
        let signature = CommandSignature.make(
            key: Array(Self.key.utf8).span, id: Array(parts[0].utf8).span, timestamp: Array(parts[1].utf8).span,
            channel: Array(parts[2].utf8).span, action: Array(parts[3].utf8).span, data: Array(parts[4].utf8).span)
        #expect(signature.hexadecimal == expected)
        #expect(Self.matches(expected, signature))
        for wrong in [
            "", expected.uppercased(), String(expected.dropLast()), expected + "0", "0" + expected.dropFirst(),
            expected.dropLast() + "g", String(repeating: "0", count: 64),
        ] {
            #expect(!Self.matches(wrong, signature), "\(wrong)")
        }
    }

    private static func matches(_ text: String, _ signature: Digest) -> Bool {
        CommandSignature.matches(text.utf8.span, signature)
    }
}
