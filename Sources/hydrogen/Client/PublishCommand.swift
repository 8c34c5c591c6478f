import ArgumentParser
import Foundation
import HydrogenClient
import HydrogenProtocol

/// `hydrogen publish`: one event, from a shell.
struct PublishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish an event.",
        discussion: """
            Prints one JSON object: the id of the event, and with --count how many sessions receive it. Ends with 0 once the \
            server has accepted the event (a guaranteed one: stored it), with 1 if it did not.
            """)

    @Argument(help: ArgumentHelp("ws:// or wss:// URL of the server.", valueName: "url"))
    var url: String

    @Option(help: "The channel to publish on.")
    var channel: String

    @Option(help: "The action of the event, such as job.done.")
    var action: String

    @Option(help: "A JSON object; @FILE reads a file, - reads standard input.")
    var data = "{}"

    @Flag(help: "Keep it for each receiver until that one acknowledges it.")
    var guaranteed = false

    @Flag(help: "Keep it as the last event of its action, for new subscribers.")
    var retain = false

    @Option(help: "critical, high, normal or low.")
    var priority = HydrogenClient.Priority.normal

    @Option(
        help: """
            1 to 128 bytes: a repeat under the same one within five minutes publishes nothing. With it the event is sent \
            again when the connection is lost before the answer.
            """)
    var publishKey: String?

    @Flag(help: "Tell how many sessions receive it.")
    var count = false

    @Option(help: "Only for subscribers of this identity.")
    var identity: String?

    @Option(help: "Only for this session.")
    var session: String?

    @Flag(help: "For every session, subscribed or not (needs system:admin).")
    var all = false

    @Option(help: "Seconds to wait for the answer.")
    var timeout = 30.0

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var signing: SigningOptions

    func validate() throws {
        try ClientConnection.check(url: self.url)
        guard ChannelName.isValid(self.channel.utf8.span) else {
            throw ValidationError("--channel '\(self.channel)' is no name of a channel.")
        }
        guard ActionName.isValid(self.action.utf8.span) else {
            throw ValidationError("--action '\(self.action)' is no name of an action.")
        }
        if let key = self.publishKey, !(1...128).contains(key.utf8.count) {
            throw ValidationError("--publish-key is 1 to 128 bytes.")
        }
        guard [self.identity != nil, self.session != nil, self.all].count(where: { $0 }) <= 1 else {
            throw ValidationError("Give one of --identity, --session and --all.")
        }
        guard self.timeout > 0, self.timeout <= 86_400 else {
            throw ValidationError("--timeout is above 0, and at most a day.")
        }
    }

    func run() throws {
        let json = try self.json()
        let options = HydrogenClient.PublishOptions(
            guaranteed: self.guaranteed, priority: self.priority, retain: self.retain, key: self.publishKey,
            count: self.count, audience: self.audience)
        let (channel, action, timeout) = (self.channel, self.action, Duration.seconds(self.timeout))
        let publication = try ClientConnection.run(to: self.url, self.connection, self.signing) {
            client throws(HydrogenClient.Failure) in
            try await client.publish(channel, action, json: json, options: options, timeout: timeout)
        }
        var line: [UInt8] = []
        line.append("{\"event\":")
        line.append(jsonString: publication.event)
        if let receivers = publication.receivers {
            line.append(",\"receivers\":")
            line.append(decimal: Int64(receivers))
        }
        print(String(decoding: line, as: UTF8.self) + "}")
    }

    private var audience: HydrogenClient.Audience {
        if self.all { return .everySession }
        if let identity = self.identity { return .identity(identity) }
        return self.session.map { .session($0) } ?? .subscribers
    }

    private func json() throws -> [UInt8] {
        let source: String
        let read: Data?
        if self.data == "-" {
            source = "standard input"
            read = try? FileHandle.standardInput.readToEnd() ?? Data()
        } else if self.data.hasPrefix("@") {
            source = String(self.data.dropFirst())
            read = try? Data(contentsOf: URL(fileURLWithPath: source))
        } else {
            source = "--data"
            read = Data(self.data.utf8)
        }
        guard let read else {
            Terminal.tell("\(source): cannot be read")
            throw ExitCode.failure
        }
        let bytes = [UInt8](read)
        let value = try? JSONScanner.validate(bytes.span, maxDepth: JSONScanner.greatestDepth)
        guard value?.kind == .object else { throw ValidationError("\(source) is no JSON object.") }
        return bytes
    }
}

extension HydrogenClient.Priority: ExpressibleByArgument {}
