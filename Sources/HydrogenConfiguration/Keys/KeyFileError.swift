import HydrogenCrypto

/// Why a key file cannot be read or changed.
package enum KeyFileError: Error, Sendable, Equatable, CustomStringConvertible {
    case file(FileError)
    /// It is no JSON, or not of the right form: each fault names its place.
    case invalid(path: String, faults: [ConfigurationFault])
    case noRandomness
    /// No more records fit.
    case full(path: String, limit: Int)
    /// No record has that id or identity.
    case unknown(String)

    /// One line for each fault.
    package var lines: [String] {
        switch self {
        case .file(let error): [VisibleText.escaped(error.description)]
        case .invalid(_, let faults): faults.map(\.description)
        case .noRandomness: ["the operating system gives no random bytes"]
        case .full(let path, let limit): [VisibleText.escaped("\(path) holds \(limit) keys already")]
        case .unknown(let name): [VisibleText.escaped("no key has the id or identity \(name)")]
        }
    }

    package var description: String { self.lines.joined(separator: "\n") }
}
