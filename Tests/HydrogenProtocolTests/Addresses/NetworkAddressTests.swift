import Glibc
import HydrogenProtocol
import Testing

/// Addresses as text, against the C library's reading of them.
@Suite struct NetworkAddressTests {
    static let samples = [
        "0.0.0.0", "255.255.255.255", "127.0.0.1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "1..3.4",
        "::", "::1", "1::", "2001:db8::1", "2001:DB8:0:0:8:800:200C:417A", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1::2::3", ":1", "1:", ":::",
        "1:::2", "12345::", "::ffff:1.2.3.4", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4:5",
        "::1.2.3", "fe80::1%lo", "[::1]", "", "::g", "1.2.3.4::", "localhost",
    ]

    /// The 16 octets, IPv4 in its mapped form; nil where it is no address.
    private static func reference(_ text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            return [UInt8](repeating: 0, count: 10) + [255, 255] + withUnsafeBytes(of: four) { Array($0) }
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        return withUnsafeBytes(of: six) { Array($0) }
    }

    private static func check(_ text: String) {
        let expected = self.reference(text)
        let found = NetworkAddress(text).map { address in
            [address.high, address.low].flatMap { word in
                (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
            }
        }
        #expect(found == expected, "\(text)")
    }

    @Test(arguments: samples) func aSampleReadsAsTheLibraryReadsIt(_ text: String) { Self.check(text) }

    /// Samples with some of their characters removed, doubled or replaced.
    @Test func changedSamplesReadAsTheLibraryReadsThem() {
        var state: UInt64 = 7
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let alphabet = Array("0123456789abcdefF:::...g".utf8)
        for _ in 0..<20_000 {
            var bytes = Array(Self.samples[random(Self.samples.count)].utf8)
            for _ in 0...random(3) where !bytes.isEmpty {
                let index = random(bytes.count)
                switch random(3) {
                case 0: bytes.remove(at: index)
                case 1: bytes.insert(alphabet[random(alphabet.count)], at: index)
                default: bytes[index] = alphabet[random(alphabet.count)]
                }
            }
            Self.check(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func textIsShortAndReadsBack() throws {
        for (text, short) in [
            ("1.2.3.4", "1.2.3.4"), ("::ffff:1.2.3.4", "1.2.3.4"), ("0:0:0:0:0:0:0:0", "::"), ("0:0::1", "::1"),
            ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("1::", "1::"), ("0:1:2:3:4:5:6:0", "0:1:2:3:4:5:6:0"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ] {
            let address = try #require(NetworkAddress(text))
            #expect(address.text == short)
            #expect(NetworkAddress(short)?.low == address.low)
        }
    }

    @Test(arguments: [
        ("127.0.0.1", true, true), ("127.9.9.9", true, true), ("128.0.0.1", true, false), ("::1", false, true),
        ("::ffff:127.0.0.1", false, true), ("::2", false, false),
    ]) func loopback(_ text: String, _ isIPv4: Bool, _ isLoopback: Bool) throws {
        let address = try #require(NetworkAddress(text))
        #expect(address.isIPv4 == isIPv4 && address.isLoopback == isLoopback)
    }
}
