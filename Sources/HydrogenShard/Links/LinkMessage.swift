import HydrogenProtocol

/// What goes between the home of a session and a loop with a connection for it. All messages of one turn from one loop
/// to another are one mail, and arrive in order.
package struct LinkMail: Sendable {
    var from: LoopIndex
    var messages: [LinkMessage]
}

enum LinkMessage: Sendable {
    // To the home.

    /// A connection wants to go on with a session.
    case resume(RemoteResume, PendingAnswer)
    /// The connection of an attachment is gone; `hasEnded`: its client has ended the session.
    case left(AttachmentName, hasEnded: Bool)
    case report(AttachmentName, AttachmentReport)
    /// A command for the session, checked.
    case command(SessionCommand, AttachmentName, PendingAnswer)

    // From the home.

    case resumed(NewAttachment, PendingAnswer)
    case answer(PendingAnswer, CommandOutcome)
    /// The tokens of the session are these now.
    case tokens(SessionTokens, AttachmentName, ConnectionID)
    /// The session goes on elsewhere.
    case takenOver(AttachmentName, ConnectionID)
    case sending(Sending, AttachmentName, ConnectionID)
    /// An event that is not guaranteed.
    case event(PublishedEvent, Priority, isRetained: Bool, AttachmentName, ConnectionID)
}

/// Names one attachment of a session to a connection. A message that names an earlier one is dropped.
struct AttachmentName: Sendable, Equatable {
    var session: SessionReference
    /// Rises by one each time the session is attached.
    var number: UInt32
}

/// A `resume` on its way to the session's home.
struct RemoteResume: Sendable {
    var request: ResumeRequest
    var grant: Grant
    var connection: RemoteConnection
}

/// A connection of another loop.
struct RemoteConnection: Sendable, Equatable {
    var loop: LoopIndex
    var id: ConnectionID
}

/// What a loop is told of a session that one of its connections has now.
struct NewAttachment: Sendable {
    var name: AttachmentName
    var sessionID: String
    var tokens: SessionTokens
    var connection: ConnectionID
    /// What the client is told.
    var response: [UInt8]
}

/// What happened on a connection since the last report: first what was written, then what was acknowledged.
struct AttachmentReport: Sendable {
    struct Written: Sendable {
        var offset: Int64
        var attempt: UInt8
        var at: Instant
    }

    var written: [Written] = []
    var ackedIDs: [EventID] = []
    var ackedThrough: Int64?
    /// A token that arrived before the ones given out later.
    var token: [UInt8]?
}
