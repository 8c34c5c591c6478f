import HydrogenProtocol

/// The `data` of a `resume`, read.
struct ResumeRequest {
    var session: [UInt8]
    var token: [UInt8]
    /// The highest offset up to which everything is processed; 0: nothing yet.
    var offset: Int64

    init(_ data: JSONValue?, in bytes: Span<UInt8>) throws(InvalidData) {
        guard let session = data?.member("session", in: bytes)?.text else {
            throw InvalidData("session must be a string")
        }
        guard let token = data?.member("token", in: bytes)?.text else { throw InvalidData("token must be a string") }
        guard let offset = data?.member("offset", in: bytes)?.integer(in: bytes), offset >= 0 else {
            throw InvalidData("offset must be a whole number from 0")
        }
        self.session = session.decoded(in: bytes)
        self.token = token.decoded(in: bytes)
        self.offset = offset
    }
}
