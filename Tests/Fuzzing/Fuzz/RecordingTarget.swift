import HydrogenProtocol
import HydrogenRecording

/// A recording, as a file or (first byte 1) as the payloads of its blocks, which then get the checksums that a damaged
/// file would fail at: it is replayed, or told to be wrong.
func fuzzRecording(_ input: [UInt8]) {
    var reader = InputReader(input)
    let blocks = reader.byte() == 1 ? payloads(&reader) : blocks(of: reader.remaining())
    guard let first = blocks.first, let head = try? RecordingHead(first) else { return }
    // More loops take more memory, and find nothing more.
    guard (1...8).contains(head.loopCount) else { return }
    var heldBack = HeldBackBytes(loopCount: head.loopCount)
    do {
        for block in blocks.dropFirst() { try heldBack.read(block) }
        let replayer = Replayer(head, heldBack: heldBack)
        for block in blocks.dropFirst() { try replayer.play(block) }
    } catch {
        require(!"\(error)".isEmpty, "stopped without a reason")
    }
}

/// Payloads, each behind its size (2 bytes), the first one a head's, the others records of the loop that a byte names.
private func payloads(_ reader: inout InputReader) -> [RecordingBlock] {
    var blocks: [RecordingBlock] = []
    var numbers: [Int: UInt64] = [:]
    while !reader.isAtEnd, blocks.count < 64 {
        let size = reader.number(below: 65_536)
        let loop = blocks.isEmpty ? 0 : reader.number(below: 8)
        let payload = (0..<size).map { _ in reader.byte() }
        var block = RecordingBlock(blocks.isEmpty ? .head : .records, loop: loop, payload: payload)
        if !blocks.isEmpty {
            block.flags = [.holdsBack]
            block.number = numbers[loop, default: 0]
            numbers[loop, default: 0] += 1
        }
        blocks.append(block)
    }
    return blocks
}

/// The blocks of a file up to the first one that is not whole.
private func blocks(of file: [UInt8]) -> [RecordingBlock] {
    var blocks: [RecordingBlock] = []
    var rest = file.dropFirst(RecordingFormat.signature.count)
    while rest.count >= RecordingFormat.headerByteCount {
        let bytes = Array(rest.prefix(RecordingFormat.headerByteCount))
        guard let header = try? RecordingBlockHeader(bytes),
            let block = try? header.block(Array(rest.dropFirst(bytes.count).prefix(header.payloadByteCount)))
        else { break }
        rest = rest.dropFirst(block.byteCount)
        blocks.append(block)
    }
    return blocks
}
