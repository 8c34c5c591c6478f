import Foundation

/// A file that is written piece by piece, from the beginning.
struct OutputFile: Sendable {
    private let handle: FileHandle

    init(_ path: String) throws {
        let url = URL(fileURLWithPath: path)
        try Data().write(to: url)
        self.handle = try FileHandle(forWritingTo: url)
    }

    func append(_ bytes: [UInt8]) throws { try self.handle.write(contentsOf: bytes) }
    func close() throws { try self.handle.close() }
}
