import Foundation

// `read`.
extension FileService {
    /// What an answer to `read` needs around the bytes of the file.
    private static let readEnvelopeBytes = 128

    /// The most bytes of JSON string, without quotes, that an answer has room for.
    private var maximumTextBytes: Int { self.maximumAnswerBytes - Self.readEnvelopeBytes }

    /// A part of a file. It is shorter than asked for where the file ends, or where the answer is full.
    func read(_ request: FileRequest.Read) throws(FileRefusal) -> [UInt8] {
        let path = try FilePath(request.path, limits: self.limits)
        let offset = request.offset ?? 0
        guard let name = path.name, offset >= 0, request.length ?? 0 >= 0 else {
            throw FileRefusal(.invalidData, "the root, or a negative offset or length")
        }
        let encoding = request.encoding ?? .base64
        let most =
            switch encoding {
            case .base64: self.maximumTextBytes / 4 * 3
            case .text: self.maximumTextBytes
            }
        let wanted = min(request.length ?? most, most)
        let folder = try self.tree.openFolder(path.parent)
        let part = try Self.readPart(of: name, in: folder, offset: offset, count: wanted)

        var bytes = part.bytes
        let text: String
        switch encoding {
        case .base64:
            text = Data(bytes).base64EncodedString()
        case .text:
            let isWholeRest = offset >= part.size - bytes.count
            self.cutToFit(&bytes, isAskedFor: bytes.count == request.length, isWholeRest: isWholeRest)
            guard let valid = String(validating: bytes, as: UTF8.self) else {
                throw FileRefusal(.invalidData, "this part of the file is no UTF-8")
            }
            text = valid
        }
        var answer = JSONObjectWriter()
        answer.add("data", text)
        answer.add("encoding", encoding.rawValue)
        answer.add("offset", offset)
        answer.add("size", part.size)
        answer.add("eof", offset >= part.size - bytes.count)
        return answer.finish()
    }

    private static func readPart(
        of name: String, in folder: borrowing FileDescriptor, offset: Int, count: Int
    ) throws(FileRefusal) -> (bytes: [UInt8], size: Int) {
        // Before it is opened, since opening a device may do something to it; and after, since only that is sure.
        guard try folder.visibleStatus(of: name)?.kind == .file else { throw FileRefusal(.notFound, "no such file") }
        do throws(SystemError) {
            let file = try folder.openForReading(named: name)
            let status = try file.status()
            guard status.kind == .file else { throw SystemError(number: ENOENT) }
            guard offset < status.size else { return ([], status.size) }
            return (try file.read(count: min(count, status.size - offset), at: offset), status.size)
        } catch {
            throw FileRefusal(error, "reading a file")
        }
    }

    /// Shortens text to what the answer has room for once it is escaped, and then to whole characters. Where the client
    /// itself, or the end of the file, cuts a character, it stays cut, and is refused.
    private func cutToFit(_ bytes: inout [UInt8], isAskedFor: Bool, isWholeRest: Bool) {
        var room = self.maximumTextBytes
        var count = 0
        for byte in bytes {
            room -= JSONObjectWriter.encodedCount(of: byte)
            if room < 0 { break }
            count += 1
        }
        if count == bytes.count && (isAskedFor || isWholeRest) { return }
        bytes.removeLast(bytes.count - count)
        // At most three bytes of a sequence of four can stand before its missing end.
        for length in 1...3 where length <= bytes.count {
            let byte = bytes[bytes.count - length]
            if byte & 0xc0 == 0x80 { continue }
            let needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
            if needed > length { bytes.removeLast(length) }
            return
        }
    }
}
