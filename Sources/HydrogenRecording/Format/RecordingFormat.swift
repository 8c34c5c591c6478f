/// How a recording lies in its file.
///
/// Eight bytes that name the kind of file, then blocks: the head, blocks of each loop as they became full, and at an
/// orderly end a block that says why it ended. All fixed numbers are little-endian.
///
/// | bytes | of a block |
/// | --- | --- |
/// | 0–3 | size of the payload |
/// | 4 | `Kind` |
/// | 5 | flags: `RecordingBlock.Flags` |
/// | 6–7 | loop |
/// | 8–15 | number of this block among those of its loop, from 0 |
/// | 16–23 | checksum over the bytes before and the payload |
/// | 24… | payload |
package enum RecordingFormat {
    /// The format that this program writes and reads. It rises with each change of what a block holds.
    package static let version: UInt64 = 4

    /// The first bytes of every recording: no text begins with them, and a transfer that changes line ends breaks them.
    package static let signature: [UInt8] = [0x89, 0x48, 0x59, 0x52, 0x45, 0x43, 0x0d, 0x0a]

    package static let headerByteCount = 24

    /// The largest payload that is read. A block is handed over once it holds `blockByteCount`; one message, and one
    /// mail, may come on top of that.
    package static let maximumPayloadByteCount = 256 << 20
    /// How much of a loop's inputs is gathered before it is handed over.
    package static let blockByteCount = 65_536

    package enum Kind: UInt8, Sendable { case head = 1, records, end }
}

/// Why a recording ended in order.
package enum RecordingEnd: UInt8, Sendable {
    /// The server stopped.
    case stopped
    /// It reached its bound.
    case full
    /// The disk did not keep up.
    case overtaken
    /// The file could not be written.
    case failed

    package var text: StaticString {
        switch self {
        case .stopped: "the server stopped"
        case .full: "it reached its bound"
        case .overtaken: "the disk did not keep up with the traffic"
        case .failed: "the file could not be written"
        }
    }
}
