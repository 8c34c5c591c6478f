import Glibc
import HydrogenConfiguration
import Testing

/// A folder that goes with its test.
final class TemporaryFolder {
    let path: String

    init() {
        var template = Array("/tmp/hydrogen-test-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/nowhere"
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// What is in it, sorted.
    var names: [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Writes a file, and returns its path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try SafeFile.replace("\(path)/\(name)", with: Array(text.utf8), mode: 0o600)
        return "\(path)/\(name)"
    }

    func text(of name: String) throws -> String {
        String(decoding: try SafeFile.read("\(path)/\(name)", atMost: 1 << 20), as: UTF8.self)
    }
}

/// Files of the package, by their path from its root.
func packageFile(_ path: String) throws -> String {
    let root = FilePath.folder(of: FilePath.folder(of: FilePath.folder(of: #filePath)))
    return String(decoding: try SafeFile.read("\(root)/\(path)", atMost: 1 << 20), as: UTF8.self)
}

/// A configuration without files, from the members of `WebSocketServer`.
func configuration(
    _ members: String, environment: [String: String] = [:]
) throws(ConfigurationFaults) -> Configuration {
    let base = ["SecureMode": "\"none\"", "AuthRequired": "false"]
        .filter { !members.hasPrefix("\"\($0.key)\":") && !members.contains(" \"\($0.key)\":") }
        .map { "\"\($0.key)\": \($0.value)" }
    let text = "{\"WebSocketServer\": {\((base + [members]).filter { !$0.isEmpty }.joined(separator: ", "))}}"
    return try Configuration.read(
        Array(text.utf8), name: "test.json", folder: nil, environment: environment, checkingFiles: false)
}

/// The lines that such a configuration is refused with; none if it is right.
func faults(_ members: String, environment: [String: String] = [:]) -> [String] {
    do {
        _ = try configuration(members, environment: environment)
        return []
    } catch {
        return error.faults.map(\.description)
    }
}

/// The lines that a whole text is refused with.
func faults(ofText text: String) -> [String] {
    do {
        _ = try Configuration.read(
            Array(text.utf8), name: "test.json", folder: nil, environment: [:], checkingFiles: false)
        return []
    } catch {
        return error.faults.map(\.description)
    }
}

/// The object that gives one key a value: `{"Delivery": {"AckTimeout": 5}}` without the outer braces.
func members(_ path: String, _ value: String) -> String {
    let names = path.split(separator: ".")
    let opening = names.dropLast().map { "\"\($0)\": {" }.joined()
    return "\(opening)\"\(names.last ?? "")\": \(value)\(String(repeating: "}", count: names.count - 1))"
}

/// Thousandths in decimal, made anew here: the tests do not lean on what they test.
func decimal(_ thousandths: Int) -> String {
    let digits = String(abs(thousandths) % 1_000)
    let fraction = String(repeating: "0", count: 3 - digits.count) + digits
    return "\(thousandths < 0 ? "-" : "")\(abs(thousandths) / 1_000).\(fraction)"
}
