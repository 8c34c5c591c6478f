import HydrogenClientCore
import HydrogenProtocol

/// Names a consumer of one client.
typealias RouteNumber = UInt64

/// Which events a consumer wants.
struct RouteInterest: Sendable {
    /// nil: of every channel.
    var channel: [UInt8]?
    var pattern: TopicPattern
    var filter: Filter?

    /// Everything that reaches the session.
    static var everything: RouteInterest? {
        (try? TopicPattern("**")).map { RouteInterest(channel: nil, pattern: $0, filter: nil) }
    }
}

/// Who gets which event. The server sends an event once, however many subscriptions match, and does not say which: it is
/// matched here once more.
struct EventRoutes {
    private struct Route {
        var number: RouteNumber
        /// What it is at the server; nil where nothing was asked of it.
        var subscription: SubscriptionNumber?
        var interest: RouteInterest?
        var buffer: EventBuffer
    }

    private var routes: [Route] = []
    private var eventData = EventData()

    mutating func add(
        _ number: RouteNumber, _ subscription: SubscriptionNumber?, _ interest: RouteInterest?, _ buffer: EventBuffer
    ) {
        self.routes.append(
            Route(number: number, subscription: subscription, interest: interest, buffer: buffer))
    }

    /// Forgets a consumer.
    ///
    /// - Returns: Its subscription, to be ended.
    mutating func remove(_ number: RouteNumber) -> SubscriptionNumber? {
        guard let index = self.routes.firstIndex(where: { $0.number == number }) else { return nil }
        return self.routes.remove(at: index).subscription
    }

    /// Ends the consumer of a subscription that is no more.
    mutating func end(_ subscription: SubscriptionNumber) {
        guard let index = self.routes.firstIndex(where: { $0.subscription == subscription }) else { return }
        self.routes.remove(at: index).buffer.finish()
    }

    mutating func endAll() {
        for route in self.routes { route.buffer.finish() }
        self.routes = []
    }

    /// Who wants the event that a message holds.
    mutating func receivers(of message: ServerMessage, in bytes: Span<UInt8>) -> [EventBuffer] {
        guard let channel = message.channel, let action = message.action else { return [] }
        var buffers: [EventBuffer] = []
        var isDataRead = false
        for route in self.routes {
            guard let interest = route.interest else { continue }
            if let wanted = interest.channel {
                guard channel.withBytes(in: bytes, { $0.isEqual(to: wanted.span) }) else { continue }
            }
            guard action.withBytes(in: bytes, { interest.pattern.matches($0) }) else { continue }
            if let filter = interest.filter {
                if !isDataRead { self.readData(of: message, bytes) }
                isDataRead = true
                guard filter.matches(&self.eventData, in: bytes) else { continue }
            }
            buffers.append(route.buffer)
        }
        return buffers
    }

    private mutating func readData(of message: ServerMessage, _ bytes: Span<UInt8>) {
        self.eventData.removeAll()
        if let members = message.data?.members { self.eventData.read(members, in: bytes) }
    }
}
