import Glibc

/// Whether the files that a configuration names are there, can be read, and hold what they must.
enum FileCheck {
    static func faults(in configuration: Configuration) -> [ConfigurationFault] {
        var faults: [ConfigurationFault] = []
        if configuration.enabled, configuration.secureMode == .tls {
            faults += self.readable("CertificatePath", configuration.certificatePath)
            faults += self.readable("KeyPath", configuration.keyPath)
        }
        if configuration.enabled, let path = configuration.keysPath { faults += self.keys(path, in: configuration) }
        if let root = configuration.services.file.root {
            faults += self.folder("Services.File.Root", root)
        }
        return faults
    }

    private static func readable(_ key: String, _ path: String?) -> [ConfigurationFault] {
        guard let path else { return [] }
        do {
            _ = try SafeFile.read(path, atMost: Configuration.maxFileByteCount)
            return []
        } catch {
            return [self.fault(key, error.description, allowed: "a file that can be read")]
        }
    }

    private static func keys(_ path: String, in configuration: Configuration) -> [ConfigurationFault] {
        do {
            if configuration.isDevelopment {
                _ = try KeyFile.loadIfPresent(path)
            } else {
                _ = try KeyFile.load(path)
            }
            return []
        } catch {
            return error.lines.map { self.fault("KeysPath", $0, allowed: "a file that `hydrogen key create` made") }
        }
    }

    private static func folder(_ key: String, _ path: String) -> [ConfigurationFault] {
        do {
            _ = try OpenFile(path, O_RDONLY | O_DIRECTORY)
            return []
        } catch {
            return [self.fault(key, error.description, allowed: "a folder that can be read")]
        }
    }

    private static func fault(_ key: String, _ problem: String, allowed: String) -> ConfigurationFault {
        ConfigurationFault("\(ConfigurationTable.rootName).\(key)", problem, allowed: allowed)
    }
}
