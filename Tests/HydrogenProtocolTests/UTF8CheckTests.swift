import Testing

@testable import HydrogenProtocol

/// Judged by Swift's own decoder: whatever it repairs is not UTF-8.
@Suite struct UTF8CheckTests {
    private func isValid(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    /// Whether a text passes that comes in two chunks.
    private func passes(_ bytes: [UInt8], cutAt cut: Int) -> Bool {
        var check = UTF8Check()
        return check.take(bytes.span.extracting(..<cut), isLast: false)
            && check.take(bytes.span.extracting(cut...), isLast: true)
    }

    @Test func everySequenceOfTwoBytesIsJudgedRight() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let bytes = [first, second]
                let expected = isValid(bytes)
                for cut in 0...2 where passes(bytes, cutAt: cut) != expected {
                    Issue.record("\(bytes) cut at \(cut)")
                }
            }
        }
    }

    /// All first bytes of three and four, with second bytes at each border.
    @Test func longerSequencesAreJudgedRight() {
        let borders: [UInt8] = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]
        for first in UInt8(0xe0)...UInt8.max {
            for second in borders {
                for third in borders {
                    for tail in [[], [0x41], [0x80], [0xbf], [0xc0]] as [[UInt8]] {
                        let bytes = Array("plain text of more than a word ".utf8) + [first, second, third] + tail
                        let expected = isValid(bytes)
                        for cut in [0, bytes.count - tail.count - 2, bytes.count - tail.count - 1, bytes.count]
                        where passes(bytes, cutAt: cut) != expected {
                            Issue.record("\(bytes.suffix(5)) cut at \(cut)")
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: 0..<70)
    func aByteThatIsNotASCIIIsSeenAnywhere(place: Int) {
        var bytes = [UInt8](repeating: 0x61, count: 70)
        bytes[place] = 0xff
        #expect(!passes(bytes, cutAt: 0))
        bytes[place] = 0x7f
        #expect(passes(bytes, cutAt: 0))
    }

    /// A fault is told with the chunk in which it stands, not at the end.
    @Test func aFaultIsToldAtOnce() {
        var check = UTF8Check()
        let first = check.take([0xe2, 0x82].span, isLast: false)
        let second = check.take([0x28].span, isLast: false)
        #expect(first)
        #expect(!second)
    }

    @Test func aTextMustNotEndWithinASequence() {
        var check = UTF8Check()
        let isText = check.take([0x61, 0xf0, 0x9f, 0x98].span, isLast: true)
        #expect(!isText)
    }
}
