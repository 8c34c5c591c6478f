import Glibc
import HydrogenConfiguration
import HydrogenScenario

/// The package's root.
let packageRoot = FilePath.folder(of: FilePath.folder(of: FilePath.folder(of: #filePath)))

/// A file of the package, by its path from the root.
func packageFile(_ path: String) throws -> String {
    String(decoding: try SafeFile.read("\(packageRoot)/\(path)", atMost: 8 << 20), as: UTF8.self)
}

/// Compares a generated text with its file; with UPDATE_GENERATED=1 the file is written first.
func isCurrent(_ path: String, _ text: String) throws -> Bool {
    if getenv("UPDATE_GENERATED") != nil {
        try SafeFile.replace("\(packageRoot)/\(path)", with: Array(text.utf8), mode: 0o644)
    }
    return try packageFile(path) == text
}

/// A scenario from its text.
func scenario(_ text: String, configuration: Configuration? = nil) throws(ConfigurationFaults) -> ScenarioFile {
    try ScenarioFile.read(Array(text.utf8), path: "test.json", configuration: configuration)
}

/// The lines that a text is refused with; none if it is right.
func faults(_ text: String) -> [String] {
    do {
        _ = try scenario(text)
        return []
    } catch {
        return error.faults.map(\.description)
    }
}
