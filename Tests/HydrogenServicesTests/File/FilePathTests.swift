import Testing

@testable import HydrogenServices

@Suite struct FilePathTests {
    static let refused = [
        "/", "/etc/passwd", "..", "../away", "a/..", "a/../b", "a/../../away", ".", "./a", "a/.", "a//b", "a/", "/a",
        "a\u{0}", "\u{0}", "a\u{0}/../b", "a\nb", "a\u{1f}", "a\u{7f}", "a/\u{0}/b", ".hydrogen-uploads",
        ".hydrogen-uploads/x", "a/.hydrogen-x", ".HYDROGEN-uploads", ".hydrogen-", String(repeating: "n", count: 256),
    ]

    @Test(arguments: Self.refused) func pathIsRefused(_ text: String) {
        let error = #expect(throws: FileRefusal.self) { try FilePath(text, limits: FileLimits()) }
        #expect(error?.code == .invalidData)
    }

    @Test(arguments: [
        "", "a", "a/b/c", "...", "..a", "a..", ".hidden", ".hydrogen", "a b", "a\\b", "é/ü", "a:b", "~", "$HOME", "%2e%2e",
        "\u{2024}\u{2024}", "\u{ff0e}\u{ff0e}/x", String(repeating: "n", count: 255),
    ])
    func pathIsTaken(_ text: String) throws {
        let path = try FilePath(text, limits: FileLimits())
        #expect(path.names.joined(separator: "/") == text)
    }

    @Test(arguments: [(1023, true), (1024, true), (1025, false)]) func lengthIsBounded(_ count: Int, _ fits: Bool) {
        let text = String(repeating: "abc/", count: 256).prefix(count - 1) + "z"
        var limits = FileLimits()
        limits.maximumPathDepth = 1000
        #expect(text.utf8.count == count)
        #expect(((try? FilePath(String(text), limits: limits)) != nil) == fits)
    }

    @Test(arguments: [(31, true), (32, true), (33, false)]) func depthIsBounded(_ count: Int, _ fits: Bool) {
        let text = Array(repeating: "a", count: count).joined(separator: "/")
        #expect(((try? FilePath(text, limits: FileLimits())) != nil) == fits)
    }

    @Test func differentBytesAreDifferentPaths() throws {
        let composed = try FilePath("\u{e9}", limits: FileLimits())
        let decomposed = try FilePath("e\u{301}", limits: FileLimits())
        #expect(!composed.isSame(as: decomposed))
        #expect(!composed.isWithin(decomposed))
    }

    @Test(arguments: [("a/b", "a", true), ("a", "a", true), ("ab", "a", false), ("a", "a/b", false), ("b/a", "a", false)])
    func withinIsByNames(_ inner: String, _ outer: String, _ isWithin: Bool) throws {
        let inner = try FilePath(inner, limits: FileLimits())
        #expect(inner.isWithin(try FilePath(outer, limits: FileLimits())) == isWithin)
    }
}
