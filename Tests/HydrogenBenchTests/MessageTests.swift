import HydrogenProtocol
import Testing

@testable import HydrogenBench

@Suite struct MessageTests {
    private let token = Array("hs_0123456789012345678901234567890123456789012".utf8)

    @Test(arguments: [200, 228, 1024, 65_536])
    func aCommandHasTheSizeThatIsAskedFor(byteCount: Int) {
        let template = MessageTemplate(
            channel: "system", action: "ping", data: nil, token: self.token, byteCount: byteCount)
        #expect(template.bytes.count == byteCount)
    }

    @Test func aCommandIsOneThatTheServerReads() {
        var template = MessageTemplate(channel: "system", action: "ping", data: nil, token: self.token, byteCount: 228)
        template.setNumber(987_654_321)
        let bytes = template.bytes
        var reader = EnvelopeReader()
        let fault = reader.read(bytes.span, maxDepth: 32)
        #expect(fault == nil)
        #expect(reader.envelope.kind == .command)
        #expect(reader.envelope.id?.string(in: bytes.span) == "000987654321")
        #expect(reader.envelope.token?.decoded(in: bytes.span) == self.token)
    }

    @Test func anAnswerCountsOnlyForItsCommand() {
        var writer = EnvelopeWriter()
        var ok: [UInt8] = []
        let data = Array("{}".utf8)
        writer.appendResponse(
            to: &ok, id: "000000000042".utf8.span, channel: "system".utf8.span, action: "ping".utf8.span,
            data: data.span, at: WallTime(milliseconds: 0))
        var refused: [UInt8] = []
        writer.appendResponse(
            to: &refused, id: "000000000042".utf8.span, channel: "system".utf8.span, action: "ping".utf8.span,
            error: ResponseError(.busy), at: WallTime(milliseconds: 0))
        let isOk = Answers.isOk(ok.span, number: 42)
        let isOther = Answers.isOk(ok.span, number: 41)
        let isRefused = Answers.isOk(refused.span, number: 42)
        #expect(isOk)
        #expect(!isOther)
        #expect(!isRefused)
    }

    @Test(arguments: [1, 3, 4, 5, 100])
    func timesLeaveInTheirOrder(count: Int) {
        var queue = TimeQueue()
        for round in 0..<3 {
            for time in 0..<count { queue.append(Int64(round * count + time)) }
            #expect(queue.count == count)
            for time in 0..<count {
                let next = queue.popFirst()
                #expect(next == Int64(round * count + time))
            }
        }
        let none = queue.popFirst()
        #expect(none == nil)
    }
}
