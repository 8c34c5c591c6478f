import HydrogenAssembly
import HydrogenConfiguration
import HydrogenProtocol
import HydrogenShard
import HydrogenSimulation

extension ScenarioTable {
    static let timeline: ObjectTable<TimelineDraft> = ObjectTable(
        "Timeline", "Something that happens at a time: `At`, and one of the other members.", empty: TimelineDraft(),
        alternatives: [
            "Restart", "Drain", "PowerCut", "NetworkCut", "WallClockJump", "Faults", "Service", "Reload", "RevokeKey",
            "Disconnect",
        ],
        [
            ObjectMember("At", \.at, .time, required: true, "When."),
            ObjectMember("Restart", downtimes.form, "The server is killed, and comes back.") {
                $0.event = .restart(down: $1.down ?? .zero)
            },
            ObjectMember("Drain", drains.form, "The server drains as at SIGTERM.") { $0.event = .drain(down: $1.down) },
            ObjectMember(
                "PowerCut", powerCuts.form, "Clients lose their power without a word, and start anew when it is back."
            ) {
                $0.event = .powerCut(
                    group: $1.group, perMillion: $1.share, duration: $1.duration, spread: $1.spread)
            },
            ObjectMember(
                "NetworkCut", networkCuts.form, "Only the network is gone: connections may survive it."
            ) {
                $0.event = .networkCut(group: $1.group, perMillion: $1.share, duration: $1.duration)
            },
            ObjectMember("WallClockJump", ValueForm.jump, "The wall clock is set.") { $0.event = .wallClockJump($1) },
            ObjectMember("Faults", faultPhases.form, "Other rates of faults for a while.") {
                $0.event = .faults($1.rates, duration: $1.duration)
            },
            ObjectMember("Service", serviceChanges.form, "A service behaves otherwise for a while.") {
                $0.event = .service($1.behaviour, duration: $1.duration)
            },
            ObjectMember(
                "Reload", ValueForm<Configuration>.configuration,
                "SIGHUP: these keys have other values from now on; those that a reload cannot change are left alone."
            ) {
                $0.event = .reload($1.policy)
            },
            ObjectMember("RevokeKey", ValueForm.name(of: "identity"), "SIGHUP with this identity's key revoked.") {
                $0.event = .revokeKey($1)
            },
            ObjectMember("Disconnect", ValueForm.prose(128), "An operator disconnects an identity.") {
                $0.event = .disconnect(identity: $1)
            },
        ])

    struct Downtime: Sendable {
        var down: Interval?
    }

    private static let downtimes: ObjectTable<Downtime> = ObjectTable(
        "Restart", "A kill.", empty: Downtime(down: .seconds(1)),
        [ObjectMember("Down", \.down, ValueForm.time.optional, "How long it is away.")])

    private static let drains: ObjectTable<Downtime> = ObjectTable(
        "Drain", "A drain.", empty: Downtime(),
        [
            ObjectMember(
                "Down", \.down, ValueForm.time.optional,
                "How long it is away after its end. Null: it does not come back.")
        ])

    struct Outage: Sendable {
        var group: Int?
        var share = 1_000_000
        var duration = Interval.zero
        var spread = Interval.seconds(1)
        var rates = FaultRates()
    }

    private static let outage: [ObjectMember<Outage>] = [
        ObjectMember("Clients", \.group, ValueForm.name(of: "group of clients").optional, "Whom. Null: everybody."),
        ObjectMember("Share", \.share, .decimal(0...1_000_000, places: 6), "How large a part of them."),
        ObjectMember("For", \.duration, .duration, required: true, "How long."),
    ]

    private static let powerCuts: ObjectTable<Outage> = ObjectTable(
        "PowerCut", "A power cut.", empty: Outage(),
        outage + [ObjectMember("Spread", \.spread, .time, "Within what time they all start again.")])

    private static let networkCuts: ObjectTable<Outage> = ObjectTable("NetworkCut", "A gap in the network.", empty: Outage(), outage)

    private static let faultPhases: ObjectTable<Outage> = ObjectTable(
        "FaultPhase", "Rates for a while.", empty: Outage(),
        [
            ObjectMember("Rates", \.rates, .named("Faults", { faults.form }), required: true, "The rates, as `Faults`."),
            ObjectMember("For", \.duration, .duration, required: true, "How long."),
        ])

    private static let serviceChanges: ObjectTable<ServiceDraft> = ObjectTable(
        "ServiceChange", "A service that behaves otherwise.", empty: ServiceDraft(),
        [
            ObjectMember(
                "Channel", \.behaviour.channel, .name(of: "channel with a service"), required: true, "Its channel."),
            ObjectMember("For", \.duration, .duration, required: true, "How long."),
        ] + behaviour)
}
