import HydrogenCrypto
import HydrogenProtocol
import HydrogenShard
import Testing

@testable import HydrogenRecording

/// No key is in a recording, wherever it was sent, and the replay is exact all the same.
@Suite struct KeyMaskTests {
    private static func contains(_ blocks: [RecordingBlock], _ text: String) -> Bool {
        self.contains(blocks, Array(text.utf8))
    }

    private static func contains(_ blocks: [RecordingBlock], _ bytes: [UInt8]) -> Bool {
        blocks.contains { block in
            block.payload.indices.contains { block.payload[$0...].starts(with: bytes) }
        }
    }

    /// In a header, as a sub-protocol, in messages of one piece and of pieces of every size, and coming back in data.
    @Test(arguments: [Int.max, 1, 2, 3, 7, 45, 46, 47, 100])
    func keysAreReplaced(_ pieces: Int) throws {
        let loops = RecordedLoops()
        let offer = Base64URL.encode(Array(RecordedLoops.token.utf8).span)
        let request = loops.request(nil, subprotocols: "hydrogen-protocol, hydrogen.key.\(offer)")
        let id = try #require(loops.connect(loop: 0, request))
        let other = try #require(loops.connect(loop: 1))
        for token in [RecordedLoops.token, RecordedLoops.secondToken, RecordedLoops.token] {
            let ping = loops.command("system", "ping", #"{"mine":"\#(token)"}"#, token: token)
            loops.send(ping, on: id, pieces: pieces)
        }
        loops.send(loops.command("print", "subscribe", #"{"topic":"**"}"#), on: other, loop: 1, pieces: pieces)
        let publish = loops.command("print", "publish", #"{"action":"a","data":{"k":"\#(RecordedLoops.token)"}}"#)
        loops.send(publish, on: id, pieces: pieces)
        loops.send(loops.command("system", "refresh", #"{"key":"\#(RecordedLoops.token)"}"#), on: id, pieces: pieces)
        // A message that never ends, with the beginning of a key at the end of what came.
        let unfinished = Array(#"{"auth":"hk_abc"#.utf8)
        loops.boxes[0].shard?.received(
            unfinished.span, Fragment(isBinary: false, isFirst: true, isLast: false), on: id, at: loops.now)

        // The server itself took and sent the real ones.
        #expect(loops.written.contains { $0.contains(#""mine":"\#(RecordedLoops.token)""#) })
        #expect(loops.written.contains { $0.contains("authentication") && $0.contains("invalid") })
        #expect(loops.written.contains { $0.contains(#""k":"\#(RecordedLoops.token)""#) })
        let blocks = loops.finish()
        #expect(try replay(blocks).stop == nil)
        for token in [RecordedLoops.token, RecordedLoops.secondToken, offer] { #expect(!Self.contains(blocks, token)) }
        // Nor what a key ring knows them by.
        let digest = SHA256.hash(Array(RecordedLoops.token.utf8).span)
        var octets: [UInt8] = []
        digest.append(to: &octets)
        #expect(!Self.contains(blocks, octets))
    }

    @Test(arguments: [
        ("Key \(RecordedLoops.token)", true), ("kEy   \(RecordedLoops.token) \t", true), ("Key", false),
        ("Key ", false),
        ("Key \(RecordedLoops.token), Key \(RecordedLoops.token)", false), ("Basic dXNlcjpzZWNyZXQ=", false),
        ("Key \(RecordedLoops.token)x", false), ("Key a b", false),
    ])
    func authorizationIsJudgedAsItWas(_ authorization: String, _ isAccepted: Bool) throws {
        let loops = RecordedLoops()
        #expect((loops.connect(loop: 0, loops.request(authorization)) != nil) == isAccepted)
        let blocks = loops.finish()
        #expect(try replay(blocks).stop == nil)
        #expect(!Self.contains(blocks, RecordedLoops.token) && !Self.contains(blocks, "dXNlcj"))
    }

    @Test(arguments: ["hydrogen.key.", "hydrogen.key.a", "hydrogen.key.aGs,hydrogen.key.aGs", "hydrogen.ticket.secret"])
    func offersAreJudgedAsTheyWere(_ offer: String) throws {
        let loops = RecordedLoops()
        let request = loops.request(nil, subprotocols: "hydrogen-protocol , \(offer)")
        #expect(loops.connect(loop: 0, request) == nil)
        let blocks = loops.finish()
        #expect(try replay(blocks).stop == nil)
        #expect(!Self.contains(blocks, "secret"))
    }

    private static let letters = String(repeating: "a", count: 43)
    @Test(arguments: [
        ("hk_\(letters)", [0]), ("xhk_\(letters)y", [1]), ("hhk_\(letters)", [1]), ("hkhk_\(letters)", [2]),
        ("hk_\(letters)hk_\(letters)", [0, 46]), ("hk_\(letters.dropLast())", []), ("hk_\(letters.dropLast()).", []),
        ("hk-\(letters)", []), ("Hk_\(letters)", []), ("", []), ("hk", []),
        ("hk_hk_\(letters)", [0]),
    ])
    func keysAreFound(_ text: String, _ places: [Int]) {
        let bytes = Array(text.utf8)
        var found: [Int] = []
        while let place = KeyPattern.first(in: bytes.span, from: (found.last ?? -46) + 46) { found.append(place) }
        #expect(found == places)
    }

    @Test(arguments: [
        ("", 0), ("h", 0), ("xh", 1), ("hk_", 0), ("hk_abc!", 7), ("hk_abch", 0), ("hk!hk_", 3), ("kk", 2),
        ("hk_\(letters.dropLast())", 0), ("hk_\(letters)", 46),
    ])
    func beginningsOfKeysAreFoundAtTheEnd(_ text: String, _ place: Int) {
        #expect(KeyPattern.beginningAtEnd(of: Array(text.utf8).span, from: 0) == place)
    }

    @Test func pseudonymsLookLikeKeysAndKeepApart() {
        let mask = KeyMask(secret: [7])
        let one = mask.pseudonym(of: Array(RecordedLoops.token.utf8).span)
        #expect(one.count == KeyPattern.byteCount && KeyPattern.first(in: one.span, from: 0) == 0)
        #expect(one == mask.pseudonym(of: Array(RecordedLoops.token.utf8).span))
        #expect(one != mask.pseudonym(of: Array(RecordedLoops.secondToken.utf8).span))
        #expect(one != KeyMask(secret: [8]).pseudonym(of: Array(RecordedLoops.token.utf8).span))
        #expect(SHA256.hash(one.span) == mask.digest(for: SHA256.hash(Array(RecordedLoops.token.utf8).span)))
    }
}
