import HydrogenProtocol

/// A session of another loop that a connection of this loop has, as this loop knows it.
struct RemoteAttachment {
    var home: LoopIndex
    var name: AttachmentName
    var sessionID: String
    var tokens: SessionTokens
    /// What its home is told next.
    var report = AttachmentReport()
    /// Whether it is on the list of those that report.
    var isReporting = false
}

/// The attachments of one loop's connections to sessions elsewhere, by slot.
typealias AttachmentTable = SlotTable<RemoteAttachment>

extension AttachmentTable {
    static var none: UInt32 { UInt32.max }
}
