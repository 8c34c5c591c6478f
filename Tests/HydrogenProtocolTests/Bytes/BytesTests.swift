import HydrogenProtocol
import Testing

@Suite struct BytesTests {
    private func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { left.span.isEqual(to: right.span) }
    private func order(_ left: [UInt8], _ right: [UInt8]) -> Int { left.span.compare(to: right.span).signum() }

    /// Texts that differ in one byte at each place, of every length around a word.
    @Test func comparesEveryByte() {
        for count in 0...26 {
            let bytes = (0..<count).map { UInt8(100 + $0) }
            #expect(self.areEqual(bytes, bytes))
            #expect(self.order(bytes, bytes) == 0)
            #expect(!self.areEqual(bytes, bytes + [0]))
            #expect(self.order(bytes, bytes + [0]) == -1)
            #expect(self.order(bytes + [0], bytes) == 1)
            for place in 0..<count {
                var other = bytes
                other[place] += 1
                #expect(!self.areEqual(bytes, other))
                #expect(self.order(bytes, other) == -1)
                #expect(self.order(other, bytes) == 1)
            }
        }
    }

    @Test(arguments: [
        ("upgrade", true, true), ("UpGrAdE", true, true), ("upgrade2", false, true), ("upgrad", false, false),
        ("uqgrade", false, false), ("", false, false),
    ])
    func comparesInAnyCaseAndFromTheStart(_ text: String, isWord: Bool, startsWithIt: Bool) {
        #expect(text.utf8.span.isEqual(inAnyCaseTo: "upgrade") == isWord)
        #expect(text.lowercased().utf8.span.starts(with: "upgrade") == startsWithIt)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 17]) func comparesWithLiterals(_ count: Int) {
        let text = Array("abcdefghijklmnopq".utf8.prefix(count))
        func equalsLiteral(_ bytes: [UInt8]) -> Bool {
            switch count {
            case 0: bytes.span.isEqual(to: "")
            case 1: bytes.span.isEqual(to: "a")
            case 7: bytes.span.isEqual(to: "abcdefg")
            case 8: bytes.span.isEqual(to: "abcdefgh")
            case 9: bytes.span.isEqual(to: "abcdefghi")
            case 15: bytes.span.isEqual(to: "abcdefghijklmno")
            case 16: bytes.span.isEqual(to: "abcdefghijklmnop")
            default: bytes.span.isEqual(to: "abcdefghijklmnopq")
            }
        }
        #expect(equalsLiteral(text))
        #expect(!equalsLiteral(text + [0x78]))
        #expect(!equalsLiteral(Array(text.dropLast()) + (count == 0 ? [0x78] : [])))
        for place in text.indices {
            var other = text
            other[place] ^= 1
            #expect(!equalsLiteral(other))
        }
    }

    @Test(arguments: [0, 1, 9, 10, 11, 99, 100, 999_999, -1, -10, .max, .min, .max - 1, .min + 1] as [Int64])
    func writesNumbers(_ number: Int64) {
        #expect(written { $0.append(decimal: number) } == String(number))
    }

    @Test func takesPartsByRange() {
        let bytes = Array("hello".utf8)
        #expect(written { $0.append(bytes.span, ByteRange(1, 3)) } == "el")
        #expect(written { $0.append(bytes.span, ByteRange(5, 5)) } == "")
        let part = bytes.span.withBytes(ByteRange(2, 5)) { [UInt8]($0) }
        #expect(part == Array("llo".utf8))
        #expect(ByteRange(2, 5).count == 3)
        #expect(ByteRange.empty.isEmpty)
        #expect(!ByteRange(2, 5).isEmpty)
    }

    /// Of texts of up to three words, one byte is another one, at each place.
    @Test func aTestOfWordsSeesEveryByte() {
        let isPlain = { (word: UInt64) in word & 0x8080_8080_8080_8080 == 0 }
        func pass(_ bytes: [UInt8]) -> Bool? { bytes.span.allWords(pass: isPlain) }
        for count in 0...24 {
            let text = [UInt8](repeating: 0x61, count: count)
            #expect(pass(text) == (count < 4 ? nil : true))
            for place in 0..<count {
                var other = text
                other[place] = 0xff
                #expect(pass(other) == (count < 4 ? nil : false))
            }
        }
    }
}
