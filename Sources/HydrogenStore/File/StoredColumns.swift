import Foundation
import GRDB
import HydrogenCrypto
import HydrogenProtocol
import HydrogenShard

/// How values stand in columns.
enum StoredColumns {
    /// SQLite's integers have a sign; the bits are what counts.
    static func integer(_ bits: UInt64) -> Int64 { Int64(bitPattern: bits) }
    static func bits(_ integer: Int64) -> UInt64 { UInt64(bitPattern: integer) }

    static func blob(_ digests: [Digest]) -> Data {
        var bytes: [UInt8] = []
        for digest in digests { digest.append(to: &bytes) }
        return Data(bytes)
    }

    /// nil for a length that is none.
    static func digests(_ blob: Data) -> [Digest]? {
        guard blob.count % Digest.byteCount == 0 else { return nil }
        let bytes = [UInt8](blob)
        return stride(from: 0, to: bytes.count, by: Digest.byteCount).compactMap { start in
            Digest(bytes.span.extracting(start..<start + Digest.byteCount))
        }
    }

    static func blob(_ gaps: [ClosedRange<Int64>]) -> Data {
        var data = Data()
        for gap in gaps {
            for bound in [gap.lowerBound, gap.upperBound] {
                for shift in stride(from: 56, through: 0, by: -8) {
                    data.append(UInt8(truncatingIfNeeded: bound >> Int64(shift)))
                }
            }
        }
        return data
    }

    /// nil for what cannot be gaps.
    static func gaps(_ blob: Data) -> [ClosedRange<Int64>]? {
        guard blob.count % 16 == 0 else { return nil }
        let bytes = [UInt8](blob)
        var gaps: [ClosedRange<Int64>] = []
        for start in stride(from: 0, to: bytes.count, by: 16) {
            let from = bytes[start..<start + 8].reduce(Int64(0)) { $0 << 8 | Int64($1) }
            let to = bytes[start + 8..<start + 16].reduce(Int64(0)) { $0 << 8 | Int64($1) }
            guard from >= 1, from <= to else { return nil }
            gaps.append(from...to)
        }
        return gaps
    }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// The three columns of an audience.
struct AudienceColumns {
    var kind: Int
    var identity: String?
    var session: String?

    init(_ audience: Audience) {
        switch audience {
        case .subscribers: self.kind = 0
        case .identity(let identity): (self.kind, self.identity) = (1, identity)
        case .session(let session): (self.kind, self.session) = (2, session)
        case .identityAndSession(let identity, let session):
            (self.kind, self.identity, self.session) = (3, identity, session)
        case .all: self.kind = 4
        case .administrators: self.kind = 5
        }
    }

    init(kind: Int, identity: String?, session: String?) {
        self.kind = kind
        self.identity = identity
        self.session = session
    }

    /// nil for columns that say nothing known.
    var audience: Audience? {
        switch (self.kind, self.identity, self.session) {
        case (0, _, _): .subscribers
        case (1, let identity?, _): .identity(identity)
        case (2, _, let session?): .session(session)
        case (3, let identity?, let session?): .identityAndSession(identity: identity, session: session)
        case (4, _, _): .all
        case (5, _, _): .administrators
        default: nil
        }
    }
}
