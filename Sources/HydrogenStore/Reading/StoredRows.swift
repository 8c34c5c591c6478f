import Foundation
import GRDB
import HydrogenCrypto
import HydrogenProtocol
import HydrogenShard

/// A row of `event`.
struct StoredEvent {
    var row: Int64
    var id: EventID
    var channel: String
    var action: String
    var body: [UInt8]
    var data: ByteRange
    var priority: Priority
    var isRetained: Bool
    var isGuaranteed: Bool
    var audience: Audience
    var sequence: UInt64

    /// nil for a row that no writer has written so: SQLite does not notice everything that happens to a file.
    init?(_ row: Row) {
        guard let number = Int64.fromDatabaseValue(row["row"]), let channel = String.fromDatabaseValue(row["channel"]),
            let action = String.fromDatabaseValue(row["action"]), let body = Data.fromDatabaseValue(row["body"]),
            let start = Int.fromDatabaseValue(row["data_start"]), let end = Int.fromDatabaseValue(row["data_end"]),
            let priority = Priority(column: row["priority"]), let kind = Int.fromDatabaseValue(row["audience"]),
            let audience = AudienceColumns(kind: kind, identity: row["to_identity"], session: row["to_session"]).audience,
            start >= 0, start <= end, end <= body.count, Self.isWhole(body)
        else { return nil }
        self.row = number
        self.id = EventID(row)
        self.channel = channel
        self.action = action
        self.body = [UInt8](body)
        self.data = ByteRange(start, end)
        self.priority = priority
        self.isRetained = row["retained"]
        self.isGuaranteed = row["guaranteed"]
        self.audience = audience
        self.sequence = StoredColumns.bits(row["sequence"])
    }

    /// An event lacks its closing brace only, since what differs per receiver comes before it.
    private static func isWhole(_ body: Data) -> Bool {
        let text = [UInt8](body) + [UInt8(ascii: "}")]
        return (try? JSONScanner.validate(text.span, maxDepth: JSONScanner.greatestDepth)) != nil
    }

    func restored(channel: Int, at now: Instant) -> PublishedEvent {
        PublishedEvent(
            restoring: self.id, channel: channel, action: Array(self.action.utf8), body: self.body, data: self.data,
            priority: self.priority, isRetained: self.isRetained, isGuaranteed: self.isGuaranteed,
            audience: self.audience, sequence: self.sequence, at: now)
    }
}

extension EventID {
    /// From the columns `origin`, `loop` and `number`.
    init(_ row: Row) {
        let loop: Int64 = row["loop"]
        self.init(
            origin: StoredColumns.bits(row["origin"]), loop: UInt32(truncatingIfNeeded: loop),
            number: StoredColumns.bits(row["number"]))
    }
}

extension Priority {
    init?(column: DatabaseValue) {
        guard let number = UInt8.fromDatabaseValue(column) else { return nil }
        self.init(rawValue: number)
    }
}

extension StoredSession {
    /// nil for a row that no writer has written so.
    init?(_ row: Row) {
        guard let key = Int64.fromDatabaseValue(row["key"]), let id = String.fromDatabaseValue(row["id"]),
            SessionID.home(of: id.utf8.span, loopCount: 1) != nil,
            let identity = String.fromDatabaseValue(row["identity"]), let tokenBlob = Data.fromDatabaseValue(row["tokens"]),
            let tokens = StoredColumns.digests(tokenBlob), let gapBlob = Data.fromDatabaseValue(row["gaps"]),
            let gaps = StoredColumns.gaps(gapBlob), let number = Int.fromDatabaseValue(row["next_subscription"]),
            let lastOffset = Int64.fromDatabaseValue(row["last_offset"])
        else { return nil }
        let keyBlob = Data.fromDatabaseValue(row["key_digest"])
        self.init(
            key: SessionKey(bits: StoredColumns.bits(key)), id: id, identity: identity,
            keyDigest: keyBlob.flatMap { StoredColumns.digests($0)?.first }, tokens: tokens,
            nextSubscriptionNumber: number, gaps: gaps, lastOffset: lastOffset)
    }
}
