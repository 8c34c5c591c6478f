// Changing names: `delete` and `move`.
extension FileService {
    func delete(_ request: FileRequest.Delete) throws(FileRefusal) -> [UInt8] {
        let path = try FilePath(request.path, limits: self.limits)
        guard let name = path.name else { throw FileRefusal(.invalidData, "the root cannot be deleted") }
        let folder = try self.tree.openFolder(path.parent)
        guard let status = try folder.visibleStatus(of: name) else { throw FileRefusal(.notFound, "no such file") }
        do throws(SystemError) {
            if status.kind == .folder {
                try folder.removeFolder(named: name)
            } else {
                try folder.removeFile(named: name)
            }
            try folder.synchronize()
        } catch {
            throw FileRefusal(error, "deleting")
        }
        self.publishChange(.deleted, path: path)
        return JSONObjectWriter().finish()
    }

    /// Moves a file or a folder. Only a file can take the place of something, and only of a file.
    func move(_ request: FileRequest.Move) throws(FileRefusal) -> [UInt8] {
        let from = try FilePath(request.from, limits: self.limits)
        let to = try FilePath(request.to, limits: self.limits)
        guard let fromName = from.name, let toName = to.name else {
            throw FileRefusal(.invalidData, "the root cannot be moved")
        }
        let source = try self.tree.openFolder(from.parent)
        guard let status = try source.visibleStatus(of: fromName) else { throw FileRefusal(.notFound, "no such file") }
        guard !to.isWithin(from) || to.isSame(as: from) else {
            throw FileRefusal(.invalidData, "a folder cannot be moved into itself")
        }
        let target = try self.tree.openFolder(to.parent, creating: request.parents ?? false)
        let former = try target.occupancy(of: toName)
        let replaces = request.overwrite ?? false
        guard former == nil || (replaces && former?.kind == .file && status.kind == .file) else {
            throw FileRefusal(.conflict, "the name is taken")
        }
        let answer: [UInt8]
        do throws(SystemError) {
            if status.kind == .file && !replaces {
                try source.renameFile(fromName, toFreeName: toName, in: target)
            } else {
                try source.rename(fromName, to: target, as: toName)
            }
            try target.synchronize()
            try source.synchronize()
            answer = Self.item(name: toName, try target.status(of: toName))
        } catch {
            throw FileRefusal(error, "moving")
        }
        self.publishChange(.moved, path: to, from: from)
        return answer
    }
}
