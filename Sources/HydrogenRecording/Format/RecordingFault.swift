/// Why a recording cannot be read, or not beyond some place.
package enum RecordingFault: Error, Sendable, Equatable {
    /// The first bytes are not those of a recording.
    case notARecording
    /// A recording in another format than this program's.
    case otherFormat(version: UInt64)
    /// The file ends within a block: the process was killed while it wrote, or the file was cut.
    case truncated
    /// A block's checksum is not that of its bytes.
    case damaged
    /// A block is whole, and says something that no recording does: what is in the text.
    case malformed(StaticString)
    /// A block of a loop is missing.
    case gap(loop: Int)

    package static func == (left: RecordingFault, right: RecordingFault) -> Bool {
        left.description == right.description
    }
}

extension RecordingFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notARecording: "it is not a recording"
        case .otherFormat(let version):
            "it is a recording in format \(version), and this program reads format \(RecordingFormat.version)"
        case .truncated: "it ends in the midst of a block"
        case .damaged: "a block is damaged: its checksum is wrong"
        case .malformed(let what): "a block makes no sense: \(what)"
        case .gap(let loop): "a block of loop \(loop) is missing"
        }
    }
}
