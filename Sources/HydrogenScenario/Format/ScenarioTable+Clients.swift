import HydrogenConfiguration
import HydrogenProtocol
import HydrogenSimulation

extension ScenarioTable {
    static let keys: ObjectTable<KeyDraft> = ObjectTable(
        "Keys", "Keys of one kind, with an identity each.", empty: KeyDraft(),
        [
            ObjectMember(
                "Name", \.name, .ownName, required: true,
                "What `Clients` call them; also their identity, with a number behind it where there are several."),
            ObjectMember("Count", \.count, .integer(1...maxKeyCount), "How many."),
            ObjectMember(
                "Permissions", \.permissions, ValueForm.text(.permission).list(0...100, isUnique: true),
                "What they may do: patterns channel:action."),
            ObjectMember(
                "ExpiresAfter", \.expiresAfter, ValueForm.duration.optional, "When they expire. Null: never."),
        ])

    static let services: ObjectTable<ServiceDraft> = ObjectTable(
        "Services", "A service as it behaves while no fault strikes it.", empty: ServiceDraft(),
        [
            ObjectMember("Channel", \.channel, .ownName, required: true, "Its channel, a built-in one or another."),
            ObjectMember(
                "Actions", \.actions, ValueForm.actionName.list(0...256, isUnique: true).optional,
                "The actions that it has. Null: those that scripts ask for."),
        ] + behaviour)

    /// What a service does, in `Services` and in the timeline.
    static let behaviour: [ObjectMember<ServiceDraft>] = [
        ObjectMember("Latency", \.behaviour.latency, .delay, "From a command to its answer."),
        ObjectMember(
            "Concurrency", \.behaviour.concurrency, .integer(1...10_000),
            "Commands that it handles at the same time; the others wait."),
        ObjectMember(
            "AnswerBytes", \.behaviour.answerByteCount, .integer(0...16_777_216), "Bytes of the data of an answer."),
        ObjectMember(
            "Failing", \.behaviour.failingPerMillion, .decimal(0...1_000_000, places: 6),
            "The part of commands that get an error."),
        ObjectMember(
            "Silent", \.behaviour.silentPerMillion, .decimal(0...1_000_000, places: 6),
            "The part of commands that get no answer."),
    ]

    static let clients: ObjectTable<ClientsDraft> = ObjectTable(
        "Clients", "Clients that are alike.", empty: ClientsDraft(),
        [
            ObjectMember("Name", \.name, .ownName, required: true, "Names them in expectations and reports."),
            ObjectMember("Count", \.count, .integer(1...maxClientCount), "How many."),
            ObjectMember("Arrive", \.arrival, .arrival, "When they connect first."),
            ObjectMember(
                "Key", \.key, ValueForm.name(of: "key").optional,
                "Their entry of `Keys`. Null: the first. Of several keys each client takes the next."),
            ObjectMember(
                "Credential", \.credential, .word,
                "How they show it: the header, as a browser in a sub-protocol, not at all, or a token that no key has."),
            ObjectMember(
                "Ticket", \.ticket, tickets.form.optional,
                "They hold no key: their backend, which shows `Key`, asks for a ticket before each connection."),
            ObjectMember(
                "Address", \.address, ValueForm.text(.address).optional,
                "The address of the first. Null: 10.N.0.1, where N is the number of the group, from 0."),
            ObjectMember(
                "ClientsPerAddress", \.clientsPerAddress, .integer(1...maxClientCount),
                "So many after one another share an address."),
            ObjectMember(
                "AddressStep", \.addressStep, .integer(1...1_000_000),
                "What is added to get to the next address; for IPv6 to the next /64."),
            ObjectMember("Origin", \.origin, ValueForm.prose(1_024).optional, "Sent as Origin. Null: none."),
            ObjectMember("Latency", \.link.latency, .delay, "The way of a packet through the network, one way."),
            ObjectMember(
                "ReadBytesPerSecond", \.link.bytesPerSecond, ValueForm.integer(1...1_000_000_000_000).optional,
                "How fast they take what the server sends. Null: as it comes."),
            ObjectMember(
                "SendBufferBytes", \.link.sendBufferBytes, .integer(1_024...1_073_741_824),
                "What the server's socket takes before it is choked."),
            ObjectMember("Opening", \.opening, .opening, "How they open a connection."),
            ObjectMember(
                "Script", \.script, stepForm.list(0...1_000),
                "What they do once they are connected, from the top after each reconnection."),
            ObjectMember(
                "Reconnect", \.reconnect, reconnect.form.optional, "How they come back. Null: they stay away."),
        ])

    private static let tickets: ObjectTable<TicketDraft> = ObjectTable(
        "Ticket", "Tickets, as a backend asks for them.", empty: TicketDraft(),
        [
            ObjectMember("Identity", \.identity, .prose(128), "Whom it lets in."),
            ObjectMember(
                "Permissions", \.permissions, ValueForm.text(.permission).list(0...100, isUnique: true),
                "What they may do: patterns channel:action."),
            ObjectMember("ExpiresAfter", \.lifetime, .duration, "How long a connection may last."),
            ObjectMember("Delay", \.delay, .delay, "Between the ticket and the connection: a page that dawdles."),
            ObjectMember(
                "Twice", \.isTriedTwice, .boolean,
                "Whether each is tried once more when its connection has ended, before a new one is asked for."),
        ])

    static let backends: ObjectTable<BackendDraft> = ObjectTable(
        "Backends", "A backend that publishes through the server API.", empty: BackendDraft(),
        [
            ObjectMember("Name", \.name, .ownName, required: true, "Names it; its publish keys are its own."),
            ObjectMember("Every", \.every, .delay, "From one publish to the next."),
            ObjectMember("Publish", \.publish, publications.form, required: true, "What it publishes."),
        ])

    static let reconnect: ObjectTable<ReconnectPolicy> = ObjectTable(
        "Reconnect", "Exponential back-off: each wait is up to twice as long as the one before.",
        empty: ReconnectPolicy(),
        rules: [
            ObjectRule("MaximumDelay", "InitialDelay") {
                $0.maximumDelay < $0.initialDelay
                    ? ("is shorter than InitialDelay", "\(SpanText.text(of: $0.initialDelay)) or more") : nil
            }
        ],
        [
            ObjectMember("InitialDelay", \.initialDelay, .duration, "The longest first wait."),
            ObjectMember("MaximumDelay", \.maximumDelay, .duration, "The longest wait."),
            ObjectMember(
                "Jitter", \.hasJitter, .boolean,
                "Whether a wait is drawn from zero to its bound; else it is the bound, as clients do it that know no better."
            ),
            ObjectMember(
                "ObeysServer", \.obeysServer, .boolean, "Whether they obey Retry-After and retry_after_ms."),
            ObjectMember(
                "IgnoresFinalCodes", \.ignoresFinalCodes, .boolean,
                "Whether they come back also after a close code that is final."),
        ])
}
