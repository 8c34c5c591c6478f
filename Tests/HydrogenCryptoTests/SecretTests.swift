import HydrogenCrypto
import Testing

@Suite struct RandomBytesTests {
    @Test func appendsWhatWasAskedFor() throws {
        var output: [UInt8] = [1, 2]
        try RandomBytes.append(0, to: &output)
        #expect(output == [1, 2])
        try RandomBytes.append(32, to: &output)
        #expect(output.count == 34)
        #expect(output.prefix(2) == [1, 2])
    }

    /// 256 octets that are all the same, or twice the same: less likely than a broken machine.
    @Test func differs() throws {
        var first: [UInt8] = []
        var second: [UInt8] = []
        try RandomBytes.append(256, to: &first)
        try RandomBytes.append(256, to: &second)
        #expect(first != second)
        #expect(Set(first).count > 64)
    }

    @Test func fillsAllOfIt() throws {
        var octets = [UInt8](repeating: 0, count: 4_096)
        var span = octets.mutableSpan
        try RandomBytes.fill(&span)
        #expect(octets.prefix(64).contains { $0 != 0 })
        #expect(octets.suffix(64).contains { $0 != 0 })
    }
}
