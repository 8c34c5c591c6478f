import HydrogenProtocol
import HydrogenShard

/// What came of one call of a shard: effects and writes by kind and size, and a digest of all their bytes. Made in the
/// same way while recording and while replaying, so that the two can be compared.
struct CallOutcome {
    /// Of `OutcomePart`; answers are none of its business.
    private(set) var parts: UInt8 = 0
    /// `EffectKind`s in order.
    private(set) var effects: [UInt8] = []
    /// For each write its size in bytes and, in the lowest two bits, what the transport made of it.
    private(set) var writes: [UInt64] = []
    private var checksum = Checksum()
    /// Where effects and results are encoded for the digest.
    private var scratch: RecordingEncoder

    /// - Parameter mask: replaces keys in what is digested, as in what is recorded.
    init(mask: KeyMask?) { self.scratch = RecordingEncoder(mask: mask) }

    var digest: UInt32 { UInt32(truncatingIfNeeded: self.checksum.value) }

    mutating func wrote(_ bytes: Span<UInt8>, to id: ConnectionID, _ outcome: WriteOutcome) {
        self.parts |= OutcomePart.writes
        self.writes.append(UInt64(bytes.count) << 2 | outcome.code)
        self.checksum.update(id.bits)
        guard let mask = self.scratch.mask, mask.endOfKeys(in: bytes) > 0 else { return self.checksum.update(bytes) }
        self.take { $0.append(masked: bytes) }
    }

    mutating func came(of effect: borrowing Effect) {
        self.parts |= OutcomePart.effects
        self.effects.append(EffectKind(effect).rawValue)
        self.scratch.bytes.removeAll(keepingCapacity: true)
        effect.encode(to: &self.scratch)
        self.takeScratch()
    }

    /// What the call returned.
    mutating func returned(_ encode: (inout RecordingEncoder) -> Void) {
        self.parts |= OutcomePart.result
        self.take(encode)
    }

    private mutating func take(_ encode: (inout RecordingEncoder) -> Void) {
        self.scratch.bytes.removeAll(keepingCapacity: true)
        encode(&self.scratch)
        self.takeScratch()
    }

    private mutating func takeScratch() {
        var checksum = self.checksum
        checksum.update(self.scratch.bytes.span)
        self.checksum = checksum
    }

    mutating func reset() {
        if self.parts == 0 { return }
        self.parts = 0
        self.effects.removeAll(keepingCapacity: true)
        self.writes.removeAll(keepingCapacity: true)
        self.checksum = Checksum()
    }
}
