import HydrogenProtocol
import Testing

@Suite struct FrameHeaderTests {
    /// A payload's count and the header of a text frame, written out by RFC 6455 §5.2.
    static let headers: [(Int, [UInt8])] = [
        (0, [0x81, 0x00]), (1, [0x81, 0x01]), (124, [0x81, 0x7c]), (125, [0x81, 0x7d]), (126, [0x81, 0x7e, 0x00, 0x7e]),
        (127, [0x81, 0x7e, 0x00, 0x7f]), (256, [0x81, 0x7e, 0x01, 0x00]), (65_534, [0x81, 0x7e, 0xff, 0xfe]),
        (65_535, [0x81, 0x7e, 0xff, 0xff]), (65_536, [0x81, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]), (65_537, [0x81, 0x7f, 0, 0, 0, 0, 0, 1, 0, 1]),
        (16_777_216, [0x81, 0x7f, 0, 0, 0, 0, 1, 0, 0, 0]),
    ]

    private func header(_ opcode: FrameHeader.Opcode, _ count: Int) -> [UInt8] {
        var out: [UInt8] = []
        FrameHeader.append(opcode, payloadCount: count, to: &out)
        return out
    }

    @Test(arguments: headers) func writesTheShortestHeader(_ count: Int, _ header: [UInt8]) {
        #expect(self.header(.text, count) == header)
        #expect(FrameHeader.count(payloadCount: count) == header.count)
        #expect(header.count <= FrameHeader.maxCount)
    }

    @Test(arguments: zip(FrameHeader.Opcode.allCases, [0x81, 0x82, 0x88, 0x89, 0x8a] as [UInt8]))
    func writesEveryOpcode(_ opcode: FrameHeader.Opcode, _ first: UInt8) {
        #expect(self.header(opcode, 3) == [first, 3])
    }

    /// A frame that is completed in place is the header and then the payload, and leaves what stands before it alone.
    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536, 70_000]) func completesAFrameInPlace(_ count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        let payload = random.bytes(count)
        for opcode in FrameHeader.Opcode.allCases {
            var out: [UInt8] = [1, 2, 3]
            let payloadStart = FrameHeader.reserve(in: &out)
            #expect(payloadStart == out.count)
            out += payload
            let start = FrameHeader.complete(opcode, payloadStart: payloadStart, in: &out)
            #expect(start == 3, "frames lie side by side")
            #expect(Array(out[..<3]) == [1, 2, 3])
            #expect(Array(out[start...]) == self.header(opcode, count) + payload)
        }
    }
}
