import HydrogenProtocol
import HydrogenShard

/// What a recording begins with: all that a shard is told at its start, so that a replay needs nothing else.
package struct RecordingHead: Sendable {
    package var serverVersion: String
    package var startedAt: WallTime
    package var loopCount: Int
    package var configuration: ShardConfiguration
    package var policy: ShardPolicy
    /// In a head that was read, the tokens of these keys are pseudonyms.
    package var keys: KeyRing

    package init(
        serverVersion: String, startedAt: WallTime, loopCount: Int, configuration: ShardConfiguration,
        policy: ShardPolicy, keys: KeyRing
    ) {
        self.serverVersion = serverVersion
        self.startedAt = startedAt
        self.loopCount = loopCount
        self.configuration = configuration
        self.policy = policy
        self.keys = keys
    }

    package func block(mask: KeyMask) -> RecordingBlock {
        var encoder = RecordingEncoder(mask: mask)
        encoder.append(RecordingFormat.version)
        encoder.append(self.serverVersion)
        encoder.append(self.startedAt)
        encoder.append(self.loopCount)
        encoder.append(self.configuration)
        encoder.append(self.policy)
        encoder.append(RecordedKeys(self.keys))
        return RecordingBlock(.head, payload: encoder.bytes)
    }

    package init(_ block: RecordingBlock) throws(RecordingFault) {
        guard block.kind == .head else { throw .malformed("it does not begin with a head") }
        var decoder = RecordingDecoder(block.payload)
        let version = try decoder.number()
        guard version == RecordingFormat.version else { throw .otherFormat(version: version) }
        self.serverVersion = try decoder.text()
        self.startedAt = try decoder.value()
        self.loopCount = try decoder.integer()
        self.configuration = try decoder.value()
        self.policy = try decoder.value()
        self.keys = try decoder.value(RecordedKeys.self).keys
        guard decoder.isAtEnd, (0...1024).contains(self.loopCount) else { throw .malformed("its head") }
    }
}
