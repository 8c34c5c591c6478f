/// Why a store cannot be used. What happens to commits while it runs is no error of this kind: batches are answered.
package enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The system or SQLite says no; the reason is theirs.
    case cannotOpen(path: String, reason: String)
    /// Another server, or a command, has it open.
    case inUse(path: String)
    /// An SQLite file of somebody else.
    case foreign(path: String)
    /// A later version of this software wrote it.
    case tooNew(path: String, version: Int)
    /// What it holds cannot be read, or contradicts itself. It is left as it is.
    case damaged(path: String, reason: String)

    package var description: String {
        switch self {
        case .cannotOpen(let path, let reason):
            "cannot open the store \(path): \(reason)"
        case .inUse(let path):
            "the store \(path) is in use by another process"
        case .foreign(let path):
            "\(path) is no store of Hydrogen"
        case .tooNew(let path, let version):
            "the store \(path) was written by a later version (schema \(version)); this one knows up to \(StoreSchema.version)"
        case .damaged(let path, let reason):
            "the store \(path) is damaged: \(reason). It is left as it is. `hydrogen store check \(path)` tells more; "
                + "`hydrogen store compact \(path)` saves what can be read"
        }
    }
}
