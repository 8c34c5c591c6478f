import HydrogenConfiguration
import HydrogenProtocol
import HydrogenSimulation

/// A step of a script as it was read.
struct StepDraft: Sendable {
    var step: ClientStep?
}

/// A step without anything to say about it: its name alone.
enum BareStep: String, Sendable, CaseIterable {
    case stopReading = "StopReading"
    case resumeReading = "ResumeReading"
    case readFreely = "ReadFreely"
    case goSilent = "GoSilent"
    case speak = "Speak"
    case holdEvents = "HoldEvents"
    case handleEvents = "HandleEvents"
    case vanish = "Vanish"
    case reappear = "Reappear"
    case stealSession = "StealSession"
    case close = "Close"
    case reset = "Reset"
    case hangUp = "HangUp"
    case unsolicitedPong = "UnsolicitedPong"

    var step: ClientStep {
        switch self {
        case .stopReading: .stopReading
        case .resumeReading: .resumeReading
        case .readFreely: .readAtMost(bytesPerSecond: nil)
        case .goSilent: .goSilent
        case .speak: .speak
        case .holdEvents: .holdEvents
        case .handleEvents: .handleEvents
        case .vanish: .vanish
        case .reappear: .reappear
        case .stealSession: .stealSession
        case .close: .close(code: nil)
        case .reset: .reset
        case .hangUp: .hangUp
        case .unsolicitedPong: .unsolicitedPong
        }
    }
}

extension ScenarioTable {
    static let stepForm = step(steps.form)

    /// The steps of a script, for tables inside it.
    private static let innerSteps = step(.named("Script", { steps.form })).list(0...1_000)

    /// A bare word, or an object with one member.
    private static func step(_ object: ValueForm<StepDraft>) -> ValueForm<ClientStep> {
        let word = ValueForm<BareStep>.word.map({ StepDraft(step: $0.step) }, from: { _ in .close })
        return ValueForm<StepDraft>.either(word, orObject: object)
            .map({ $0.step ?? .wait(.none) }, from: { StepDraft(step: $0) })
    }

    static let steps: ObjectTable<StepDraft> = ObjectTable(
        "Script",
        "A step: one of these members. Steps without details are words: "
            + BareStep.allCases.map(\.rawValue).joined(separator: ", ") + ".",
        empty: StepDraft(),
        alternatives: [
            "Wait", "Command", "Ask", "Burst", "Flood", "Subscribe", "Unsubscribe", "Publish", "ReadAtMost", "Close",
            "Hostile", "Message", "Loop", "Choose",
        ],
        [
            ObjectMember("Wait", ValueForm.delay, "Does nothing for so long.") { $0.step = .wait($1) },
            ObjectMember("Command", commands.form, "Sends a command, and goes on at once.") {
                $0.step = .command($1.plan)
            },
            ObjectMember("Ask", commands.form, "Sends a command, and goes on when it is answered.") {
                $0.step = .ask($1.plan)
            },
            ObjectMember("Burst", bursts.form, "Sends several commands in one instant.") {
                $0.step = .burst(count: $1.count, $1.plan)
            },
            ObjectMember("Flood", floods.form, "Sends commands at equal distances.") {
                $0.step = .flood(every: $1.every, duration: $1.duration, $1.plan)
            },
            ObjectMember("Subscribe", subscriptions.form, "Subscribes; what comes is checked against it.") {
                $0.step = .subscribe($1)
            },
            ObjectMember("Unsubscribe", removals.form, "Gives a subscription up.") {
                $0.step = .unsubscribe(channel: $1.channel, topic: $1.topic)
            },
            ObjectMember("Publish", publications.form, "Publishes an event.") { $0.step = .publish($1) },
            ObjectMember(
                "ReadAtMost", ValueForm.integer(1...1_000_000_000_000),
                "Reads at most so many bytes a second from now on, until \"ReadFreely\"."
            ) {
                $0.step = .readAtMost(bytesPerSecond: $1)
            },
            ObjectMember(
                "Close", ValueForm.integer(1_000...4_999), "Starts the closing handshake with this code."
            ) {
                $0.step = .close(code: UInt16($1))
            },
            ObjectMember("Hostile", ValueForm<HostileInput>.word, "Sends what it must not.") { $0.step = .hostile($1) },
            ObjectMember("Message", ValueForm.prose(65_536), "Sends this text as it is, whatever comes of it.") {
                $0.step = .message($1)
            },
            ObjectMember("Loop", loops.form, "Does steps again and again.") {
                $0.step = .loop(count: $1.count, $1.steps)
            },
            ObjectMember("Choose", choices.form.list(1...100), "Does one of several, as their weights say.") {
                $0.step = .choose($1.map { ($0.weight, $0.steps) })
            },
        ])

    struct CommandDraft: Sendable {
        var plan = CommandPlan(channel: "system", action: "ping")
        var count = 1
        var every = Interval.zero
        var duration = Interval.zero
    }

    private static let command: [ObjectMember<CommandDraft>] = [
        ObjectMember("Channel", \.plan.channel, .prose(256), "The channel, by its name: also one that there is not."),
        ObjectMember("Action", \.plan.action, .prose(256), "The action, by its name."),
        ObjectMember(
            "Data", \.plan.data, .jsonObject,
            "The data: an object. $n in it becomes the number of the command, $c that of the client."),
        ObjectMember("Token", \.plan.token, .word, "What stands in auth.token, where messages need one."),
    ]

    private static let commands: ObjectTable<CommandDraft> = ObjectTable("Command", "A command.", empty: CommandDraft(), command)

    private static let bursts: ObjectTable<CommandDraft> = ObjectTable(
        "Burst", "Commands in one instant.", empty: CommandDraft(),
        [ObjectMember("Count", \.count, .integer(1...1_000_000), required: true, "How many.")] + command)

    private static let floods: ObjectTable<CommandDraft> = ObjectTable(
        "Flood", "Commands at equal distances.", empty: CommandDraft(),
        [
            ObjectMember("Every", \.every, .duration, required: true, "The distance."),
            ObjectMember("For", \.duration, .duration, required: true, "How long."),
        ] + command)

    struct LoopDraft: Sendable {
        var count: Int?
        var weight = 1
        var steps: [ClientStep] = []
    }

    private static let loops: ObjectTable<LoopDraft> = ObjectTable(
        "Loop", "Steps that are done again and again.", empty: LoopDraft(),
        [
            ObjectMember(
                "Count", \.count, ValueForm.integer(1...1_000_000_000).optional, "How often. Null: for ever."),
            ObjectMember("Steps", \.steps, innerSteps, required: true, "What is done."),
        ])

    private static let choices: ObjectTable<LoopDraft> = ObjectTable(
        "Choose", "One of several ways to go on.", empty: LoopDraft(),
        [
            ObjectMember("Weight", \.weight, .integer(1...1_000_000), "How likely it is, beside the others."),
            ObjectMember("Steps", \.steps, innerSteps, required: true, "What is done."),
        ])
}
