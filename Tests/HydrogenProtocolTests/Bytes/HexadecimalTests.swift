import HydrogenProtocol
import Testing

@Suite struct HexadecimalTests {
    private func decode(_ text: String, acceptsUpperCase: Bool = false) -> [UInt8]? {
        Hexadecimal.decode(Array(text.utf8).span, acceptsUpperCase: acceptsUpperCase)
    }

    @Test func writesEveryByteInLowerCase() {
        for byte in UInt8.min...UInt8.max {
            let digits = String(byte, radix: 16)
            let text = digits.count == 1 ? "0" + digits : digits
            #expect(Hexadecimal.encode([byte].span) == text)
            #expect(written { Hexadecimal.append(byte, to: &$0) } == text)
            #expect(self.decode(text) == [byte])
            #expect(self.decode(text.uppercased(), acceptsUpperCase: true) == [byte])
            #expect((self.decode(text.uppercased()) == nil) == (text != text.uppercased()))
        }
    }

    @Test func numbersHaveNoLeadingZeros() {
        let shifted = (0...63).flatMap { [1 << $0, (1 << $0) - 1] as [UInt64] }
        for number in shifted + [0x0123_4567_89ab_cdef, .max] {
            #expect(written { Hexadecimal.append(number: number, to: &$0) } == String(number, radix: 16))
        }
    }

    @Test(arguments: ["0", "000", "0g", "g0", "0x", " 0", "0 ", "é", "0\0", "-1", "/0", ":0", "`0", "@0"])
    func refusesOthers(_ text: String) {
        #expect(self.decode(text) == nil)
        #expect(self.decode(text, acceptsUpperCase: true) == nil)
    }

    @Test func anyBytesComeBack() {
        var random = SeededGenerator(seed: 3)
        for count in 0...70 {
            let bytes = random.bytes(count)
            let text = Hexadecimal.encode(bytes.span)
            #expect(text.utf8.count == 2 * count)
            #expect(self.decode(text) == bytes)
            #expect(written { Hexadecimal.append(bytes.span, to: &$0) } == text)
        }
    }
}
