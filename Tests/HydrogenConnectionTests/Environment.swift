import Foundation

/// The value of an environment variable, nil where it is not set.
func environmentValue(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

/// The folder of the package.
let packageFolder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
