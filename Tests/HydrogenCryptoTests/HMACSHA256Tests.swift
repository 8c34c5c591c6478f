import HydrogenCrypto
import Testing

@Suite struct HMACSHA256Tests {
    struct Vector: Sendable {
        var key: String
        var message: String
        var code: String
    }

    /// RFC 4231, cases 1 to 4, 6 and 7 (case 5 cuts the code short, which nothing here does).
    static let vectors = [
        Vector(
            key: String(repeating: "0b", count: 20), message: "4869205468657265",
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        Vector(
            key: "4a656665", message: "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        Vector(
            key: String(repeating: "aa", count: 20), message: String(repeating: "dd", count: 50),
            code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        Vector(
            key: "0102030405060708090a0b0c0d0e0f10111213141516171819", message: String(repeating: "cd", count: 50),
            code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        Vector(
            key: String(repeating: "aa", count: 131),
            message: "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a"
                + "65204b6579202d2048617368204b6579204669727374",
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        Vector(
            key: String(repeating: "aa", count: 131),
            message: "5468697320697320612074657374207573696e672061206c6172676572207468"
                + "616e20626c6f636b2d73697a65206b657920616e642061206c61726765722074"
                + "68616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565"
                + "647320746f20626520686173686564206265666f7265206265696e6720757365"
                + "642062792074686520484d414320616c676f726974686d2e",
            code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
    ]

    @Test(arguments: vectors) func knownAnswer(_ vector: Vector) {
        let code = authenticate(octets(vector.key), octets(vector.message))
        #expect(code.hexadecimal == vector.code)
    }

    @Test(arguments: vectors) func oneKeyBeginsManyMessages(_ vector: Vector) {
        let keyed = HMACSHA256(key: octets(vector.key).span)
        for _ in 0..<2 {
            var function = keyed
            for octet in octets(vector.message) { function.update(octet) }
            #expect(function.finish().hexadecimal == vector.code)
        }
    }

    /// A key is hashed only when it is longer than a block.
    @Test(arguments: [63, 64, 65]) func keysAroundABlock(_ count: Int) {
        let key = [UInt8](repeating: 7, count: count)
        var same: [UInt8] = []
        if count > 64 { hash(key).append(to: &same) } else { same = key }
        same += [UInt8](repeating: 0, count: 64 - same.count)
        #expect(authenticate(key, [1]) == authenticate(same, [1]))
    }

    /// The signature of a command: parts joined by newlines, without putting them together first.
    @Test func partsAreTheWhole() {
        let key = Array("key".utf8)
        let parts = ["id", "2026-01-01T00:00:00Z", "file", "delete"]
        var function = HMACSHA256(key: key.span)
        for (index, part) in parts.enumerated() {
            if index > 0 { function.update(0x0a) }
            function.update(Array(part.utf8).span)
        }
        let whole = Array(parts.joined(separator: "\n").utf8)
        #expect(function.finish() == authenticate(key, whole))
    }
}
