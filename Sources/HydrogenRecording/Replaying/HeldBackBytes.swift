import HydrogenProtocol
import HydrogenShard

/// The bytes that pieces of messages held back since they might have been the beginning of a key, found before the
/// replay: a piece is replayed with all of its bytes, which the recording tells with a later one.
package struct HeldBackBytes: Sendable {
    /// By loop, in the order of the pieces that held something back.
    private var pieces: [[[UInt8]]]
    /// Pieces that wait for their bytes, by loop and connection.
    private var waiting: [Place: [Int]] = [:]

    private struct Place: Hashable {
        var loop: Int
        var connection: ConnectionID
    }

    package init(loopCount: Int) { self.pieces = Array(repeating: [], count: loopCount) }

    /// Looks through a block. All blocks of a loop in order; those without the flag have nothing to say.
    package mutating func read(_ block: RecordingBlock) throws(RecordingFault) {
        guard block.flags.contains(.holdsBack), block.loop < self.pieces.count else { return }
        var decoder = RecordingDecoder(block.payload)
        var reader = StepReader(loopCount: self.pieces.count, startedAt: WallTime(milliseconds: 0))
        while !decoder.isAtEnd {
            guard case .step(let step) = try reader.next(from: &decoder),
                case .received(let bytes, _, let id) = step.input
            else { continue }
            let place = Place(loop: block.loop, connection: id)
            if !bytes.resolved.isEmpty { try self.resolve(bytes.resolved, at: place) }
            if bytes.heldBackCount > 0 {
                self.waiting[place, default: []].append(self.pieces[block.loop].count)
                // A message that never ended is never read: any bytes will do.
                self.pieces[block.loop].append(Array(repeating: UInt8(ascii: "A"), count: bytes.heldBackCount))
            }
        }
    }

    private mutating func resolve(_ bytes: [UInt8], at place: Place) throws(RecordingFault) {
        var start = 0
        for piece in self.waiting.removeValue(forKey: place) ?? [] {
            let end = start + self.pieces[place.loop][piece].count
            guard end <= bytes.count else { throw .malformed("bytes that were held back") }
            self.pieces[place.loop][piece] = Array(bytes[start..<end])
            start = end
        }
        guard start == bytes.count else { throw .malformed("bytes that were held back") }
    }

    /// What the n-th piece of a loop that held something back held; nil if there is none.
    func piece(_ number: Int, loop: Int) -> [UInt8]? {
        number < self.pieces[loop].count ? self.pieces[loop][number] : nil
    }
}
