import HydrogenProtocol

extension HTTPResponse {
    /// `{"error":{"category","code","message"}}`, the form of every refusal of this protocol.
    static func error(
        status: UInt16, _ code: ErrorCode, _ message: String, headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        var body = JSONWriter()
        body.object { error in
            error.member("error") {
                $0.object {
                    $0.member("category", code.category.rawValue)
                    $0.member("code", "\(code.name)")
                    $0.member("message", message)
                }
            }
        }
        return .json(status: status, headers: headers, body.bytes + [UInt8(ascii: "\n")])
    }
}
