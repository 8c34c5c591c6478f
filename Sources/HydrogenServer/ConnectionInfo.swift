import Foundation
import HydrogenShard

/// One connection, as an operator sees it.
public struct ConnectionInfo: Sendable {
    /// Names the connection in the log.
    public let id: String
    /// Empty before the session exists.
    public let session: String
    public let identity: String
    /// Address and port of the peer.
    public let address: String
    /// The name of its state, as in the metrics.
    public let state: String
    public let since: Date
    /// Bytes that wait because the peer reads slowly.
    public let queuedBytesCount: Int
    /// Commands at services.
    public let referenceCount: Int
    public let receivedCount: UInt64
    public let sentCount: UInt64

    init(_ description: ConnectionDescription) {
        self.id = description.id.text
        self.session = description.session
        self.identity = description.identity
        self.address = description.peer.text
        self.state = description.state
        self.since = Date(timeIntervalSince1970: Double(description.since.milliseconds) / 1000)
        self.queuedBytesCount = description.queuedBytesCount
        self.referenceCount = description.referenceCount
        self.receivedCount = description.receivedCount
        self.sentCount = description.sentCount
    }
}

/// Whose connections to close.
public enum DisconnectTarget: Sendable {
    case session(String)
    case identity(String)

    var selector: ConnectionSelector {
        switch self {
        case .session(let id): .session(id)
        case .identity(let identity): .identity(identity)
        }
    }
}
