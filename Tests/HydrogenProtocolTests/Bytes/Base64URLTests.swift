import Foundation
import HydrogenProtocol
import Testing

@Suite struct Base64URLTests {
    private func decode(_ text: String) -> [UInt8]? { Base64URL.decode(Array(text.utf8).span) }

    /// RFC 4648 §10, without padding, and what the two last letters of the alphabet come from.
    static let vectors: [(String, String)] = [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
        ("~~~???", "fn5-Pz8_"),
    ]

    @Test(arguments: vectors) func writesAndReads(_ text: String, _ encoded: String) {
        #expect(Base64URL.encode(text.utf8.span) == encoded)
        #expect(self.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: [
        "Z", "Zm9vY", "Zg==", "Zg=", "=", "Zm8=", "Zm+v", "Zm/v", "Zm9v\n", " Zm9v", "Zm 9v", "Zm.v", "Zmäv", "Zm9\0",
        // Bits that belong to no byte.
        "Zh", "Zv", "Z_", "Zm9", "Zm_",
    ])
    func refusesWhatEncodingWouldNotGive(_ text: String) { #expect(self.decode(text) == nil) }

    /// Any bytes come back, as another library writes them too; the count is known before.
    @Test func anyBytesComeBack() {
        var random = SeededGenerator(seed: 1)
        for count in 0...200 {
            let bytes = random.bytes(count)
            let text = Base64URL.encode(bytes.span)
            let theirs = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            #expect(text == theirs)
            #expect(text.utf8.count == Base64URL.count(of: count))
            #expect(self.decode(text) == bytes)
        }
    }

    /// Whatever is read is what writing it gives: no two texts stand for the same bytes.
    @Test func eachTextIsTheOnlyOne() {
        var random = SeededGenerator(seed: 2)
        let letters = Array("ABCDwxyz0189-_+/= ".utf8)
        var readCount = 0
        for _ in 0..<5_000 {
            let text = (0..<random.below(7)).map { _ in random.pick(letters) }
            guard let bytes = Base64URL.decode(text.span) else { continue }
            readCount += 1
            #expect(Base64URL.encode(bytes.span) == String(decoding: text, as: UTF8.self))
        }
        #expect(readCount > 500)
    }

    @Test func appendsToWhatIsThere() {
        #expect(written { out in
            out.append("x")
            Base64URL.append("foo".utf8.span, to: &out)
        } == "xZm9v")
    }
}
