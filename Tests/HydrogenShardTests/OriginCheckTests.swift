import Testing

@testable import HydrogenShard

@Suite struct OriginCheckTests {
    struct Row: Sendable {
        var origin: String?
        var host: String?
        var allowed: [String]?
        var hasKey: Bool
        var passes: Bool
    }

    static let rows = [
        Row(origin: nil, host: "a", allowed: ["https://b"], hasKey: false, passes: true),
        Row(origin: "https://a", host: "x", allowed: ["https://a"], hasKey: false, passes: true),
        Row(origin: "https://a:1", host: "x", allowed: ["https://a"], hasKey: true, passes: false),
        Row(origin: "https://z", host: "x", allowed: ["*"], hasKey: true, passes: true),
        Row(origin: "null", host: "x", allowed: ["*"], hasKey: true, passes: false),
        Row(origin: "null", host: "x", allowed: nil, hasKey: true, passes: true),
        Row(origin: "null", host: "x", allowed: nil, hasKey: false, passes: false),
        Row(origin: "http://A.example", host: "a.example:80", allowed: nil, hasKey: false, passes: true),
        Row(origin: "https://a.example", host: "a.example", allowed: nil, hasKey: false, passes: true),
        Row(origin: "https://a.example", host: "a.example:80", allowed: nil, hasKey: false, passes: false),
        Row(origin: "http://[::1]:8080", host: "[::1]:8080", allowed: nil, hasKey: false, passes: true),
        Row(origin: "http://b", host: "a", allowed: nil, hasKey: false, passes: false),
    ]

    @Test(arguments: rows)
    func origin(_ row: Row) {
        #expect(OriginCheck.passes(row.origin, host: row.host, allowed: row.allowed, hasKey: row.hasKey) == row.passes)
    }
}
