import HydrogenAssembly
import HydrogenConfiguration
import HydrogenProtocol
import HydrogenShard
import HydrogenSimulation

extension ScenarioDraft {
    /// The scenario, put together; what does not go together is a fault.
    func scenario(_ reading: inout ValueReading) -> Scenario {
        let channels = self.configuration.channels(services: self.channelServices)
        let keys = self.keys.flatMap { key in
            let permissions = key.permissions.compactMap(PermissionPattern.init)
            let expires = key.expiresAfter.map {
                WallTime(milliseconds: self.startsAt.milliseconds + $0.milliseconds)
            }
            return key.identities.map { identity in
                SimulatedKey(
                    identity: identity, token: "hk_simulated_\(identity)", permissions: permissions, expires: expires)
            }
        }
        let anonymous = self.configuration.authRequired ? nil : self.configuration.anonymousPatterns
        let server = ServerSetup(
            configuration: self.configuration.shard(channels: channels), policy: self.configuration.policy,
            loopCount: self.configuration.threadPoolSize, keys: keys, anonymousPermissions: anonymous,
            drainTimeout: self.configuration.drainTimeout)
        let services = self.services.map { service in
            var behaviour = service.behaviour
            behaviour.channel = channels.firstIndex { $0.name == service.channel } ?? 0
            return behaviour
        }
        let groups = self.clients.indices.map { self.group($0, &reading) }
        return Scenario(
            name: self.name, description: self.description, server: server, groups: groups, services: services,
            backends: self.backends.map { BackendPlan(name: $0.name, every: $0.every, publish: $0.publish) },
            faults: self.faults, durableSeedsPerMillion: self.durableSeedsPerMillion,
            timeline: self.timeline.compactMap { entry in entry.event.map { TimelineEntry(at: entry.at, $0) } },
            duration: self.duration, liveness: self.liveness.map { LivenessPhase(bound: $0) },
            expectations: self.expectations.compactMap { draft in
                draft.condition.map { Expectation($0, text: draft.text) }
            },
            seeds: self.seeds.map(UInt64.init), startsAt: self.startsAt,
            sampleInterval: self.sampleInterval ?? self.usualSampleInterval)
    }

    private var channelServices: [ChannelService] {
        let asked = self.clients.flatMap { $0.script.flatMap(\.commands) }
        return self.services.map { service in
            var actions = service.actions ?? []
            if service.actions == nil {
                for command in asked where command.channel == service.channel && !actions.contains(command.action) {
                    actions.append(command.action)
                }
            }
            return ChannelService(channel: service.channel, actions: actions.map { ($0, "") })
        }
    }

    /// About 500 samples, at distances that read well.
    private var usualSampleInterval: Interval {
        let steps: [Int64] = [
            10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000,
            1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
        ]
        let whole = self.duration + (self.liveness ?? .zero)
        return .milliseconds(steps.first { $0 * 500 >= whole.milliseconds } ?? 86_400_000)
    }

    private func group(_ index: Int, _ reading: inout ValueReading) -> ClientGroup {
        let draft = self.clients[index]
        let address = NetworkAddress(draft.address ?? "10.\(index % 250).0.1")
        return ClientGroup(
            name: draft.name, count: draft.count, arrival: draft.arrival,
            addresses: ClientGroup.AddressPlan(
                first: PeerAddress(high: address?.high ?? 0, low: address?.low ?? 0, port: 0),
                clientsPerAddress: draft.clientsPerAddress, step: UInt64(draft.addressStep)),
            credential: self.credential(index, &reading), origin: draft.origin, link: draft.link,
            opening: draft.opening, script: draft.script, reconnect: draft.reconnect)
    }

    private func credential(_ index: Int, _ reading: inout ValueReading) -> ClientGroup.Credential {
        let draft = self.clients[index]
        let key = draft.key ?? 0
        let first = self.keys.prefix(key).reduce(0) { $0 + $1.count }
        let count = self.keys[key].count
        if let ticket = draft.ticket {
            return .ticket(
                ClientGroup.TicketPlan(
                    key: first, identity: ticket.identity,
                    permissions: ticket.permissions.compactMap(PermissionPattern.init), lifetime: ticket.lifetime,
                    delay: ticket.delay, isTriedTwice: ticket.isTriedTwice))
        }
        switch draft.credential {
        case .header: return count == 1 ? .key(first) : .keys(from: first, count: count)
        case .none: return .none
        case .wrong: return .wrong
        case .subprotocol:
            if count > 1 {
                reading.faults.append(
                    ConfigurationFault(
                        "Clients[\(index)].Credential", "\"subprotocol\" takes one key, and \(draft.name) has \(count)",
                        allowed: "an entry of Keys with Count 1"))
            }
            return .subprotocolKey(first)
        }
    }
}

extension ClientStep {
    /// The commands that it may send.
    fileprivate var commands: [CommandPlan] {
        switch self {
        case .command(let plan), .ask(let plan), .burst(_, let plan), .flood(_, _, let plan): [plan]
        case .loop(_, let steps): steps.flatMap(\.commands)
        case .choose(let ways): ways.flatMap { $0.steps.flatMap(\.commands) }
        case .wait, .subscribe, .unsubscribe, .publish, .readAtMost, .stopReading, .resumeReading, .goSilent, .speak,
            .holdEvents, .handleEvents, .vanish, .reappear, .stealSession, .close, .reset, .hangUp, .hostile, .message,
            .unsolicitedPong:
            []
        }
    }
}
