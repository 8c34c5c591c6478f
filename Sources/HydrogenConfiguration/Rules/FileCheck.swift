import Glibc
import HydrogenCrypto
import HydrogenProtocol

/// Whether the files that a configuration names are there, can be read, and hold what they must.
enum FileCheck {
    static func faults(in configuration: Configuration) -> [ConfigurationFault] {
        var faults: [ConfigurationFault] = []
        if configuration.usesTLS {
            faults += self.certificate(configuration.certificatePath, key: configuration.keyPath)
        }
        if configuration.secureMode == .tls, let authority = self.bytes("ClientCAPath", configuration.clientCAPath, &faults),
            !CertificatePair.holdsCertificate(authority.span)
        {
            faults.append(
                self.fault("ClientCAPath", "\(configuration.clientCAPath ?? "") holds no certificate", allowed: "a PEM file"))
        }
        if configuration.enabled, let path = configuration.keysPath { faults += self.keys(path, in: configuration) }
        if let root = configuration.services.file.root {
            faults += self.folder("Services.File.Root", root)
        }
        return faults
    }

    private static func certificate(_ path: String?, key keyPath: String?) -> [ConfigurationFault] {
        var faults: [ConfigurationFault] = []
        let certificate = self.bytes("CertificatePath", path, &faults)
        let key = self.bytes("KeyPath", keyPath, &faults)
        guard let path, let keyPath, let certificate, let key else { return faults }
        if let mode = try? SafeFile.mode(of: keyPath), mode & 0o027 != 0 {
            faults.append(
                self.fault(
                    "KeyPath", "\(keyPath) has mode 0\(String(mode, radix: 8)): others may read it, or its group may change it",
                    allowed: "a file that its owner alone changes, and its group at most reads"))
        }
        do {
            let pair = try CertificatePair(certificate: certificate.span, privateKey: key.span)
            try pair.check(at: WallTime(milliseconds: Int64(time(nil)) * 1_000))
        } catch {
            switch error {
            case .notACertificate:
                faults.append(self.fault("CertificatePath", "\(path) holds no certificate", allowed: "a PEM file"))
            case .notAPrivateKey:
                faults.append(
                    self.fault(
                        "KeyPath", "\(keyPath) holds no private key that can be read",
                        allowed: "a PEM file without pass phrase"))
            case .mismatch:
                faults.append(
                    self.fault("KeyPath", "\(keyPath) is not the key of \(path)", allowed: "the certificate's key"))
            case .expired:
                faults.append(
                    self.fault("CertificatePath", "\(path) has expired", allowed: "a certificate that is valid now"))
            case .notYetValid:
                faults.append(
                    self.fault("CertificatePath", "\(path) is not valid yet", allowed: "a certificate that is valid now"))
            }
        }
        return faults
    }

    private static func bytes(_ key: String, _ path: String?, _ faults: inout [ConfigurationFault]) -> [UInt8]? {
        guard let path else { return nil }
        do {
            return try SafeFile.read(path, atMost: Configuration.maxFileByteCount)
        } catch {
            faults.append(self.fault(key, error.description, allowed: "a file that can be read"))
            return nil
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
