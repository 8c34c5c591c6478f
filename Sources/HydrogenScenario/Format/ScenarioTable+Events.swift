import HydrogenConfiguration
import HydrogenProtocol
import HydrogenSimulation

extension ScenarioTable {
    static let subscriptions: ObjectTable<SubscribePlan> = ObjectTable(
        "Subscribe", "A subscription.", empty: SubscribePlan(channel: 0, topic: "**"),
        [
            ObjectMember("Channel", \.channel, .name(of: "channel"), required: true, "The channel."),
            ObjectMember("Topic", \.topic, .prose(256), "The topic."),
            ObjectMember(
                "Filter", \.filter, filters.form.optional,
                "A filter over the member `kind`, which published events carry. Null: none."),
            ObjectMember("Priority", \.priority, ValueForm.priority.optional, "Null: the event's."),
            ObjectMember("Conflate", \.conflate, ValueForm.duration.optional, "`conflate_ms`. Null: not conflated."),
            ObjectMember("Guaranteed", \.isGuaranteed, .boolean, "Whether what comes is guaranteed."),
        ])

    private static let filters: ObjectTable<SubscribePlan.FilterPlan> = ObjectTable(
        "Filter", "Which events come.", empty: .kind(0), alternatives: ["Kind", "KindAtLeast"],
        [
            ObjectMember("Kind", ValueForm.integer(0...1_000_000), "Those of this kind.") { $0 = .kind($1) },
            ObjectMember("KindAtLeast", ValueForm.integer(0...1_000_000), "Those of this kind or a higher one.") {
                $0 = .kindAtLeast($1)
            },
        ])

    static let removals: ObjectTable<SubscribePlan> = ObjectTable(
        "Unsubscribe", "What was subscribed.", empty: SubscribePlan(channel: 0, topic: "**"),
        [
            ObjectMember("Channel", \.channel, .name(of: "channel"), required: true, "The channel."),
            ObjectMember("Topic", \.topic, .prose(256), "The topic."),
        ])

    static let publications: ObjectTable<PublishPlan> = ObjectTable(
        "Publish", "An event; its data is {\"kind\", \"client\", \"n\", \"pad\"}.",
        empty: PublishPlan(channel: 0, action: "event"),
        [
            ObjectMember("Channel", \.channel, .name(of: "channel"), required: true, "The channel."),
            ObjectMember("Action", \.action, .prose(256), "The action."),
            ObjectMember("Kinds", \.kindCount, .integer(1...1_000_000), "`kind` is drawn from so many, from 0."),
            ObjectMember("PadBytes", \.padByteCount, .integer(0...16_777_216), "Bytes of `pad`."),
            ObjectMember("Priority", \.priority, ValueForm.priority.optional, "Null: normal."),
            ObjectMember("Retain", \.isRetained, .boolean, "Whether it is retained."),
            ObjectMember("Count", \.wantsCount, .boolean, "Whether the number of receivers is asked for."),
            ObjectMember(
                "PublishKeys", \.keyCount, .integer(0...1_000_000),
                "Published under one of so many keys of the client; 0: without a key."),
            ObjectMember("Guaranteed", \.isGuaranteed, .boolean, "Whether it is guaranteed."),
            ObjectMember("All", \.isForAll, .boolean, "Whether it goes to every session."),
        ])
}

extension ValueForm where Value == String {
    /// An object, as the JSON text that it is.
    static var jsonObject: ValueForm {
        let any = TableDescription(name: "", summary: "", members: [])
        return ValueForm(.object(any)) { found, reading in
            guard found.value.kind == .object else {
                reading.refuse(found, "must be an object", allowed: "an object")
                return nil
            }
            return String(decoding: found.bytes[found.value.range.indices], as: UTF8.self)
        } json: { value in
            value
        }
    }
}
