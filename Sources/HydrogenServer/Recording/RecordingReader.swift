import HydrogenConfiguration
import HydrogenRecording

/// Reads the blocks of a recording from its file, and proves each.
package struct RecordingReader: ~Copyable {
    private let file: OpenFile
    /// Where the last block that was read ends, in bytes from the beginning of the file.
    package private(set) var position = 0

    private init(_ file: consuming OpenFile) { self.file = file }

    /// Opens a file and reads its first bytes.
    package static func open(_ path: String) throws(RecordingReadError) -> RecordingReader {
        let file: OpenFile
        do { file = try SafeFile.open(path) } catch { throw .file(error) }
        var reader = RecordingReader(file)
        try reader.readSignature()
        return reader
    }

    /// Goes back to the first block.
    package mutating func rewind() throws(RecordingReadError) {
        self.file.rewind()
        try self.readSignature()
    }

    private mutating func readSignature() throws(RecordingReadError) {
        guard try self.read(RecordingFormat.signature.count) == RecordingFormat.signature else {
            throw .fault(.notARecording)
        }
        self.position = RecordingFormat.signature.count
    }

    /// The next block; nil at the end of the file.
    package mutating func next() throws(RecordingReadError) -> RecordingBlock? {
        let bytes = try self.read(RecordingFormat.headerByteCount)
        if bytes.isEmpty { return nil }
        do throws(RecordingFault) {
            let header = try RecordingBlockHeader(bytes)
            // A header that was damaged may ask for more than there is: it is read before it is believed.
            let block = try header.block(try self.payload(header.payloadByteCount))
            self.position += block.byteCount
            return block
        } catch {
            throw .fault(error)
        }
    }

    private func payload(_ count: Int) throws(RecordingFault) -> [UInt8] {
        do { return try self.file.next(count) } catch { throw .truncated }
    }

    private func read(_ count: Int) throws(RecordingReadError) -> [UInt8] {
        do { return try self.file.next(count) } catch { throw .file(error) }
    }
}

/// Why a recording cannot be read on.
package enum RecordingReadError: Error, CustomStringConvertible {
    case file(FileError)
    case fault(RecordingFault)

    package var description: String {
        switch self {
        case .file(let error): error.description
        case .fault(let fault): fault.description
        }
    }
}
