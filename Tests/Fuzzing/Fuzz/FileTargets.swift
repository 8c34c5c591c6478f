import HydrogenConfiguration
import HydrogenScenario

/// A configuration file is accepted or has faults, all of them printable.
func fuzzConfiguration(_ input: [UInt8]) {
    do {
        let configuration = try Configuration.read(
            input, name: "fuzz", folder: nil, environment: [:], checkingFiles: false)
        for warning in configuration.warnings { requirePrintable(warning) }
    } catch {
        require(!error.faults.isEmpty, "refused without a fault")
        for fault in error.faults { requirePrintable("\(fault)") }
    }
}

/// The same for a scenario file.
func fuzzScenario(_ input: [UInt8]) {
    do {
        let file = try ScenarioFile.read(input, path: "fuzz")
        require(!file.seeds.isEmpty, "a scenario without seeds")
    } catch {
        require(!error.faults.isEmpty, "refused without a fault")
        for fault in error.faults { requirePrintable("\(fault)") }
    }
}

/// The same for a key file.
func fuzzKeys(_ input: [UInt8]) {
    do {
        let file = try KeyFile.read(input, path: "fuzz")
        require(file.records.count <= KeyFile.maxRecordCount, "too many keys")
    } catch {
        require(!error.lines.isEmpty, "refused without a fault")
        for line in error.lines { requirePrintable(line) }
    }
}

/// What is shown on terminals and in logs has no control characters of strangers.
private func requirePrintable(_ text: String) {
    require(!text.unicodeScalars.contains { $0.properties.generalCategory == .control }, "a message with control characters: \(text.debugDescription)")
}
