import Foundation

// `write`: whole in one command, or an upload in chunks. Either way the bytes are complete and on the disk before the
// file takes its name, in one step.
extension FileService {
    func write(_ request: FileRequest.Write, identity: String) throws(FileRefusal) -> [UInt8] {
        let path = try FilePath(request.path, limits: self.limits)
        guard path.name != nil else { throw FileRefusal(.invalidData, "the root is no file") }
        let bytes = try Self.bytes(of: request)
        let offset = request.offset ?? 0
        let isFinal = request.final ?? true

        let upload: Upload
        if let id = request.upload {
            upload = try self.uploads.withLock { table throws(FileRefusal) in
                let upload = try table.find(id, of: identity)
                try table.check(upload, offset: offset, count: bytes.count)
                return upload
            }
            guard upload.path.isSame(as: path) else {
                throw FileRefusal(.invalidData, "the upload is for another path")
            }
        } else {
            guard offset == 0 else { throw FileRefusal(.invalidData, "a first chunk at \(offset)") }
            upload = Upload(
                id: Self.makeID(), identity: identity, path: path, creation: request.create ?? .always,
                createsParents: request.parents ?? false, size: 0, touchedAt: self.now())
            // What can be known before the bytes are sent is told before.
            try self.checkTarget(of: upload)
            try self.open(upload, count: bytes.count, isWhole: isFinal)
        }
        try self.append(bytes, at: offset, to: upload)
        if isFinal { return try self.finish(upload) }

        var answer = JSONObjectWriter()
        answer.add("upload", upload.id)
        answer.add("offset", max(upload.size, offset + bytes.count))
        return answer.finish()
    }

    private static func bytes(of request: FileRequest.Write) throws(FileRefusal) -> [UInt8] {
        switch request.encoding ?? .base64 {
        case .text: return Array(request.data.utf8)
        case .base64:
            // Foundation's reader takes padding in the middle, and other spellings of the same bytes.
            guard let data = Data(base64Encoded: request.data),
                data.base64EncodedString().utf8.elementsEqual(request.data.utf8)
            else {
                throw FileRefusal(.invalidData, "the data is no base64")
            }
            return [UInt8](data)
        }
    }

    private static func makeID() -> String {
        var generator = SystemRandomNumberGenerator()
        let halves = [generator.next() as UInt64, generator.next() as UInt64]
        return halves.map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Makes the temporary file. A file that comes whole takes no place in the table.
    private func open(_ upload: Upload, count: Int, isWhole: Bool) throws(FileRefusal) {
        try self.uploads.withLock { table throws(FileRefusal) in
            try table.checkFileSize(count)
            if isWhole { return }
            try table.check(upload, offset: 0, count: count)
            try table.open(upload)
        }
        do throws(SystemError) {
            _ = try self.uploadsFolder.createFile(named: upload.id)
        } catch {
            self.uploads.withLock { $0.remove(upload.id) }
            throw FileRefusal(.failed, "making a temporary file: \(error)")
        }
    }

    /// Writes a chunk. An upload whose chunk could not be written is over: what it holds is not known.
    private func append(_ bytes: [UInt8], at offset: Int, to upload: Upload) throws(FileRefusal) {
        do throws(SystemError) {
            try self.uploadsFolder.openForWriting(named: upload.id).write(bytes, at: offset)
        } catch {
            self.discard(upload.id)
            throw FileRefusal(.failed, "writing a temporary file: \(error)")
        }
        self.uploads.withLock { $0.extend(upload.id, to: offset + bytes.count, at: self.now()) }
    }

    /// Gives the complete file its name.
    private func finish(_ upload: Upload) throws(FileRefusal) -> [UInt8] {
        var isNamed = false
        defer {
            self.uploads.withLock { $0.remove(upload.id) }
            if !isNamed { self.removeTemporaryFile(upload.id) }
        }
        let parent = try self.tree.openFolder(upload.path.parent, creating: upload.createsParents)
        guard let name = upload.path.name else { throw FileRefusal(.invalidData, "the root is no file") }
        let former = try Self.check(name, in: parent, upload.creation)
        let status: FileStatus
        do throws(SystemError) {
            let file = try self.uploadsFolder.openForWriting(named: upload.id)
            if let former { try file.setPermissions(former.permissions) }
            try file.synchronize()
            switch upload.creation {
            case .new: try self.uploadsFolder.renameFile(upload.id, toFreeName: name, in: parent)
            case .always, .never: try self.uploadsFolder.rename(upload.id, to: parent, as: name)
            }
            isNamed = true
            try parent.synchronize()
            status = try file.status()
        } catch {
            throw FileRefusal(error, "naming a file")
        }
        self.publishChange(former == nil ? .created : .modified, path: upload.path)
        return Self.item(name: name, status)
    }

    /// Whether the target may be written; its folder may be one that is still to be made.
    private func checkTarget(of upload: Upload) throws(FileRefusal) {
        guard let name = upload.path.name else { throw FileRefusal(.invalidData, "the root is no file") }
        let parent: FileDescriptor
        do throws(FileRefusal) {
            parent = try self.tree.openFolder(upload.path.parent)
        } catch {
            if error.code == .notFound, upload.createsParents, upload.creation != .never { return }
            throw error
        }
        _ = try Self.check(name, in: parent, upload.creation)
    }

    /// Whether a name may be given to a file, and what has it now.
    private static func check(
        _ name: String, in parent: borrowing FileDescriptor, _ creation: FileCreation
    ) throws(FileRefusal) -> FileStatus? {
        let former = try parent.occupancy(of: name)
        switch (former?.kind, creation) {
        case (nil, .never): throw FileRefusal(.notFound, "no such file")
        case (.file, .new): throw FileRefusal(.conflict, "the file is there")
        case (.folder, _), (.other, _): throw FileRefusal(.conflict, "what has the name is no file")
        case (nil, .always), (nil, .new), (.file, .always), (.file, .never): return former
        }
    }

    /// Ends an upload without a file.
    func discard(_ id: String) {
        self.uploads.withLock { $0.remove(id) }
        self.removeTemporaryFile(id)
    }
}
