import ArgumentParser
import Foundation
import HydrogenConfiguration
import HydrogenServer

/// `hydrogen serve`: runs the server until it is told to end.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server until SIGTERM or SIGINT.",
        discussion: "The first of these signals drains: every connection is closed with 1001. A second one ends the "
            + "process at once. SIGHUP reads the configuration and the keys again.")

    @Option(help: "The configuration file.")
    var config = "hydrogen.json"

    @Option(
        help: ArgumentHelp(
            "Write down everything that happens to the loops, for `hydrogen replay`. The file, which must not exist, "
                + "will hold all traffic: what clients send and receive. Keys in it are replaced by pseudonyms.",
            valueName: "file"))
    var record: String?

    @Option(
        help: ArgumentHelp(
            "How large the recording may become; then it ends, and the server goes on.", valueName: "bytes"))
    var recordMaxBytes = 1 << 30

    func validate() throws {
        guard self.recordMaxBytes >= Self.minimumRecordingByteCount else {
            throw ValidationError("--record-max-bytes must be at least \(Self.minimumRecordingByteCount)")
        }
    }

    /// Enough for a head with many keys.
    private static let minimumRecordingByteCount = 1 << 20

    func run() throws {
        // Before any thread exists, so that all inherit it: signals are for `waitForSignals` alone.
        var signals = Self.signals()
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        let (configuration, token) = try self.load()
        let recording = self.record.map { RecordingOptions(path: $0, maximumByteCount: self.recordMaxBytes) }
        let server = HydrogenServer(configuration: configuration, recording: recording)
        do {
            try server.start()
        } catch {
            Terminal.tell(error.description)
            if case .configuration = error { throw ExitCode.badConfiguration }
            throw ExitCode.failure
        }
        if configuration.values.isDevelopment { self.welcome(token, server) }
        Self.waitForSignals(server)
    }

    /// Reads the configuration, and makes a newcomer's key before the files that it names are looked for.
    private func load() throws -> (ServerConfiguration, token: String?) {
        let draft = try Configuration.loadOrExit(self.config, checkingFiles: false)
        DescriptorLimit.set(connections: draft.maxConnections + draft.maxHandshakes)
        do {
            let token = try DevelopmentKey.createIfAbsent(for: draft, at: Terminal.now)
            return (try ServerConfiguration.load(from: self.config, environment: Terminal.environment), token)
        } catch {
            Terminal.tell("\(error)")
            throw ExitCode.badConfiguration
        }
    }

    /// Tells a newcomer how to connect, and the key if it was made just now.
    private func welcome(_ token: String?, _ server: HydrogenServer) {
        let program = CommandLine.arguments[0]
        if let token {
            print("A key that may do everything was made. It is shown this once:\n\n  \(token)\n")
        } else {
            let create = "\(program) key create --identity NAME --permit '*:*' --config \(self.config)"
            print("The key was shown at the first start. To make and load another:\n\n  \(create) && kill -HUP \(getpid())\n")
        }
        if let port = server.port {
            print("Connect with it:\n\n  \(program) connect ws://127.0.0.1:\(port)/ --key \(token ?? "KEY")\n")
        }
        // Also when standard output is a pipe: it is shown now or never.
        fflush(nil)
    }

    private static func signals() -> sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&signals, signal) }
        return signals
    }

    private static func waitForSignals(_ server: HydrogenServer) {
        var signals = self.signals()
        var isDraining = false
        while true {
            var signal: Int32 = 0
            guard unsafe sigwait(&signals, &signal) == 0 else { continue }
            switch signal {
            case SIGHUP:
                server.reload()
            case SIGTERM, SIGINT:
                if isDraining { Foundation.exit(1) }
                isDraining = true
                Thread {
                    server.drain()
                    Foundation.exit(0)
                }.start()
            default:
                continue
            }
        }
    }
}
