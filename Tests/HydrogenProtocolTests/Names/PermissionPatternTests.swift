import HydrogenProtocol
import Testing

@Suite struct PermissionPatternTests {
    @Test(arguments: ["*:*", "print:*", "*:subscribe", "print:job.start", "a:a", "printer-farm:x_y.z", "system:admin"])
    func takesPatterns(_ text: String) {
        #expect(PermissionPattern(text)?.text == text)
    }

    @Test(arguments: [
        "", ":", "*", "print", "print:", ":subscribe", "print:*:*", "print:job.*", "print:**", "*:*.x", "pr*:x", "Print:x",
        "print:X", "print x:y", " print:x", "print:x ", "print.x:y", "print::x", "print:a..b", "**:*",
    ])
    func refusesOthers(_ text: String) {
        #expect(PermissionPattern(text) == nil)
    }

    @Test func boundsBothSides() {
        func pattern(_ channel: Int, _ action: Int) -> PermissionPattern? {
            PermissionPattern(String(repeating: "a", count: channel) + ":" + String(repeating: "b", count: action))
        }
        #expect(pattern(63, 127) != nil)
        #expect(pattern(64, 128) != nil)
        #expect(pattern(65, 128) == nil)
        #expect(pattern(64, 129) == nil)
    }

    /// A pattern, a channel and an action, and whether it permits them.
    static let permissions: [(String, String, String, Bool)] = [
        ("*:*", "print", "job.start", true), ("print:*", "print", "job.start", true), ("print:*", "file", "read", false),
        ("*:read", "file", "read", true), ("*:read", "file", "reader", false), ("*:read", "file", "read.x", false),
        ("file:read", "file", "read", true), ("file:read", "file", "write", false), ("file:read", "files", "read", false),
        ("print:job.start", "print", "job.start", true), ("print:job.start", "print", "job", false), ("print:job", "print", "job.start", false),
    ]

    @Test(arguments: permissions)
    func permits(_ pattern: String, _ channel: String, _ action: String, _ expected: Bool) throws {
        let pattern = try #require(PermissionPattern(pattern))
        #expect(pattern.matches(channel: Array(channel.utf8).span, action: Array(action.utf8).span) == expected)
    }
}
