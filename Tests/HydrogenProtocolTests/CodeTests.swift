import HydrogenProtocol
import Testing

@Suite struct ErrorCodeTests {
    /// Section 8 of the contract, word by word.
    static let names: [(ErrorCategory, [String])] = [
        (.connection, ["rate_limited", "blocked", "capacity", "draining", "slow_consumer", "idle", "handshake_timeout", "overload", "tls", "reset"]),
        (.protocol, ["malformed_json", "not_an_object", "missing_field", "invalid_field", "unknown_type", "too_large", "too_deep", "binary",
                     "invalid_utf8", "framing", "subprotocol", "handshake", "path", "upgrade_required"]),
        (.authentication, ["missing", "invalid", "expired", "revoked", "origin", "forbidden", "session", "signature_required",
                           "signature_invalid", "timestamp", "replayed"]),
        (.application, ["unknown_channel", "unknown_action", "invalid_data", "not_found", "conflict", "busy", "timeout", "failed"]),
    ]

    @Test(arguments: names) func hasTheCodesOfTheContract(_ category: ErrorCategory, _ names: [String]) {
        let codes = ErrorCode.allCases.filter { $0.category == category }
        #expect(codes.map { "\($0.name)" } == names)
        #expect(codes.map(\.qualifiedName) == names.map { "\(category.rawValue).\($0)" })
    }

    @Test func everyCategoryIsListed() {
        #expect(Set(Self.names.map(\.0)) == Set(ErrorCategory.allCases))
    }

    @Test func onlyTheContractsCodesAreRetryable() {
        for code in ErrorCode.allCases {
            #expect(code.isRetryable == (code.category == .connection || code == .busy || code == .timeout))
        }
    }

    /// The text stands in JSON and in a close frame (of 123 bytes, RFC 6455 §5.5) as it is.
    @Test(arguments: ErrorCode.allCases) func textsNeedNoEscapeAndNamesFitACloseFrame(_ code: ErrorCode) {
        let text = "\(code.text)"
        #expect(!text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c })
        #expect(code.qualifiedName.utf8.count <= 123)
    }
}

@Suite struct CloseCodeTests {
    /// Section 9, and the two that are counted without ever being sent.
    @Test func hasTheCodesOfTheContract() {
        let codes = CloseCode.allCases.map(\.rawValue)
        #expect(codes == [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 4401, 4403, 4408, 4409, 4413, 4429, 4503])
    }

    @Test func aClientComesBackAfterThese() {
        let codes = CloseCode.allCases.filter(\.invitesReconnect).map(\.rawValue)
        #expect(codes == [1001, 1006, 1011, 4408, 4413, 4429, 4503])
    }
}
