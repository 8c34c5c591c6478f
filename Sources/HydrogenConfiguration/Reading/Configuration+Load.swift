import Glibc

extension Configuration {
    /// The file that counts where a command names none.
    package static let standardPath = "/etc/hydrogen/hydrogen.json"

    /// No configuration file is larger.
    package static let maxFileByteCount = 1 << 20

    /// Reads a configuration file, lets the environment override it, and checks everything there is to check.
    ///
    /// - Parameters:
    ///   - path: The file; relative paths in it, and in the environment, start at its folder.
    ///   - environment: The variables of the process.
    ///   - checkingFiles: Whether the files that it names must be there and be right.
    /// - Throws: all faults at once.
    package static func load(
        from path: String, environment: [String: String], checkingFiles: Bool = true
    ) throws(ConfigurationFaults) -> Configuration {
        let bytes: [UInt8]
        do {
            bytes = try SafeFile.read(path, atMost: self.maxFileByteCount)
        } catch {
            let text = error.isAbsent ? "there is no such file" : error.description
            throw ConfigurationFaults([ConfigurationFault(path, text)])
        }
        return try self.read(
            bytes, name: path, folder: FilePath.folder(of: path), environment: environment,
            checkingFiles: checkingFiles)
    }

    /// The same for a text that is no file.
    ///
    /// - Parameters:
    ///   - name: What faults call the text.
    ///   - folder: Where relative paths start; nil leaves them as they are.
    package static func read(
        _ bytes: [UInt8], name: String, folder: String?, environment: [String: String], checkingFiles: Bool
    ) throws(ConfigurationFaults) -> Configuration {
        var reader = ConfigurationReader()
        let isReadable = reader.read(file: bytes, name: name)
        guard isReadable else { throw ConfigurationFaults(reader.faults) }
        reader.read(environment: environment)
        var (configuration, faults) = reader.decoded(over: Configuration(), folder: folder)
        if checkingFiles { faults += FileCheck.faults(in: configuration) }
        guard faults.isEmpty else { throw ConfigurationFaults(faults) }

        configuration.node = configuration.node ?? Self.hostName()
        configuration.warnings = reader.warnings.map(VisibleText.escaped) + Advice.warnings(on: configuration)
        return configuration
    }

    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let isKnown = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            return unsafe gethostname(base, buffer.count - 1) == 0
        }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return isKnown && TextRule.node.accepts(name) ? name : "hydrogen"
    }
}
