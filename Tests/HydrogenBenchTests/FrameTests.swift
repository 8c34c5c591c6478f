import HydrogenProtocol
import Testing

@testable import HydrogenBench

@Suite struct FrameTests {
    /// What a server would read of a masked frame, by the letter of RFC 6455 §5.2 and §5.3.
    private func unmasked(_ frame: [UInt8]) -> (opcode: UInt8, mask: [UInt8], payload: [UInt8]) {
        var index = 2
        var count = Int(frame[1] & 0x7f)
        let byteCount = count == 126 ? 2 : count == 127 ? 8 : 0
        if byteCount > 0 {
            count = frame[2..<2 + byteCount].reduce(0) { $0 << 8 | Int($1) }
            index += byteCount
        }
        let mask = Array(frame[index..<index + 4])
        let masked = frame[(index + 4)...]
        #expect(frame[1] & 0x80 != 0)
        #expect(masked.count == count)
        return (frame[0] & 0x0f, mask, masked.enumerated().map { $1 ^ mask[$0 % 4] })
    }

    @Test(arguments: [0, 1, 3, 4, 7, 8, 9, 125, 126, 127, 228, 65_535, 65_536, 70_001])
    func aServerReadsWhatWasWritten(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var writer = ClientFrameWriter(seed: 42)
        writer.append(1, payload.span)
        let first = unmasked(writer.bytes)
        #expect(first.opcode == 1)
        #expect(first.payload == payload)
        // The next frame has another mask, and none is 0.
        writer.bytes.removeAll()
        writer.append(2, payload.span)
        let second = unmasked(writer.bytes)
        #expect(second.payload == payload)
        #expect(second.mask != first.mask)
        #expect(second.mask != [0, 0, 0, 0])
    }

    @Test(arguments: [0, 125, 126, 65_535, 65_536])
    func aServersFrameIsReadWhole(count: Int) {
        var bytes: [UInt8] = [0xff]
        FrameHeader.append(.text, payloadCount: count, to: &bytes)
        bytes += [UInt8](repeating: 7, count: count)
        for end in [2, bytes.count - 1] where end < bytes.count && end >= 1 {
            guard case .incomplete = ServerFrame.read(bytes.span.extracting(..<end), from: 1) else {
                Issue.record("a part of a frame was taken for one")
                return
            }
        }
        guard case .frame(let frame) = ServerFrame.read(bytes.span, from: 1) else {
            Issue.record("the frame was not read")
            return
        }
        #expect(frame.opcode == 1)
        #expect(frame.isFinal)
        #expect(frame.payload.upperBound == bytes.count)
        #expect(frame.payload.count == count)
    }

    @Test(arguments: [[0x81, 0x80, 1, 2, 3, 4], [0xc1, 0x00], [0x81, 0xff]] as [[UInt8]])
    func noServerSendsMasksOrReservedBits(bytes: [UInt8]) {
        guard case .malformed = ServerFrame.read(bytes.span, from: 0) else {
            Issue.record("taken: \(bytes)")
            return
        }
    }
}

@Suite struct HandshakeTests {
    private let accepted = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

    @Test func anAnswerIsReadWhenItIsWhole() {
        let bytes = Array(self.accepted.utf8)
        for end in 0..<bytes.count {
            #expect(ClientHandshake.read(bytes.span.extracting(..<end)) == .incomplete)
        }
        let answer = ClientHandshake.read((bytes + [0x81, 0x00]).span)
        #expect(answer == .upgraded(bytes.count))
    }

    @Test func aRefusalTellsStatusAndBody() {
        let text = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"
        let answer = ClientHandshake.read(Array(text.utf8).span)
        #expect(answer == .refused("HTTP/1.1 401 Unauthorized no"))
    }

    @Test func anotherNoncesAnswerIsRefused() {
        let text = self.accepted.replacing("s3pP", with: "AAAA")
        guard case .refused = ClientHandshake.read(Array(text.utf8).span) else {
            Issue.record("taken")
            return
        }
    }
}
