import HydrogenProtocol
import HydrogenShard

/// Clients that are alike.
package struct ClientGroup: Sendable {
    /// Unique among the groups.
    package var name: String
    package var count: Int
    package var arrival: Arrival
    package var addresses: AddressPlan
    package var credential: Credential
    /// Sent as `Origin`; nil: none, as clients that are no browsers do.
    package var origin: String?
    package var link: NetworkLink
    package var opening: Opening
    /// What a client does once it is connected, from the top after each reconnection.
    package var script: [ClientStep]
    /// nil: a client that was closed stays away.
    package var reconnect: ReconnectPolicy?

    package init(
        name: String, count: Int, arrival: Arrival = .atOnce(.zero), addresses: AddressPlan = AddressPlan(),
        credential: Credential = .key(0), origin: String? = nil, link: NetworkLink = NetworkLink(),
        opening: Opening = .proper, script: [ClientStep] = [], reconnect: ReconnectPolicy? = ReconnectPolicy()
    ) {
        self.name = name
        self.count = count
        self.arrival = arrival
        self.addresses = addresses
        self.credential = credential
        self.origin = origin
        self.link = link
        self.opening = opening
        self.script = script
        self.reconnect = reconnect
    }

    /// When the clients of a group first connect.
    package enum Arrival: Sendable, Equatable {
        case atOnce(Interval)
        /// One after the other at equal distances.
        case evenly(from: Interval, over: Interval)
        /// Each at a time of its own, every one as likely.
        case randomly(from: Interval, over: Interval)
    }

    /// The addresses that a group connects from.
    package struct AddressPlan: Sendable, Equatable {
        /// The first one; the ports are the simulator's.
        package var first: PeerAddress
        /// So many clients after one another share an address.
        package var clientsPerAddress: Int
        /// What is added to get to the next one: of the address for IPv4, of its /64 for IPv6.
        package var step: UInt64

        /// 10.0.0.1, and an address of its own for each client.
        package init(
            first: PeerAddress = PeerAddress(ipv4: 0x0a00_0001, port: 0), clientsPerAddress: Int = 1, step: UInt64 = 1
        ) {
            self.first = first
            self.clientsPerAddress = clientsPerAddress
            self.step = step
        }
    }

    /// What a client proves its identity with.
    package enum Credential: Sendable, Equatable {
        /// Index into `ServerSetup.keys`.
        case key(Int)
        /// One key after the other from the first on, so many in all, and from the beginning again.
        case keys(from: Int, count: Int)
        case none
        /// A token that no key has.
        case wrong
        /// As a browser brings it: in an offered sub-protocol.
        case subprotocolKey(Int)
        /// A ticket that its backend asks for before each connection.
        case ticket(TicketPlan)
    }

    /// Tickets of a group, as a backend asks for them.
    package struct TicketPlan: Sendable, Equatable {
        /// Index into `ServerSetup.keys`: whose key the backend shows.
        package var key: Int
        package var identity: String
        package var permissions: [PermissionPattern]
        /// How long a connection may last.
        package var lifetime: Interval
        /// Between the ticket and the connection: a page that dawdles.
        package var delay: Delay
        /// Whether each ticket is tried twice: after the first connection ended, and before a new one is asked for.
        package var isTriedTwice: Bool

        package init(
            key: Int = 0, identity: String, permissions: [PermissionPattern], lifetime: Interval, delay: Delay = .fixed(.zero),
            isTriedTwice: Bool = false
        ) {
            self.key = key
            self.identity = identity
            self.permissions = permissions
            self.lifetime = lifetime
            self.delay = delay
            self.isTriedTwice = isTriedTwice
        }
    }

    /// How a client opens its connection.
    package enum Opening: Sendable, Equatable {
        case proper
        /// It connects, and says nothing.
        case silent
        /// It sends its request so slowly: one byte each time.
        case dribbling(byteEvery: Interval)
        /// It sends half of its request, and nothing more.
        case halfway
        case malformed(RequestFault)
    }

    /// What is wrong with a request.
    package enum RequestFault: String, Sendable, CaseIterable {
        case method, version, host, upgrade, webSocketKey, path, webSocketVersion, subprotocol, twoCredentials
        case plainGet, foreignOrigin
    }
}

/// When a client comes back by itself: exponential back-off with full jitter, as `HydrogenClientCore` does it.
package struct ReconnectPolicy: Sendable, Equatable {
    /// The bound of the first wait.
    package var initialDelay: Interval
    /// The bound that no wait exceeds.
    package var maximumDelay: Interval
    /// false: it waits exactly the bound, as clients do that know no jitter.
    package var hasJitter: Bool
    /// Whether it obeys `Retry-After` and `retry_after_ms`.
    package var obeysServer: Bool
    /// Whether it comes back also after a close code that is final (section 9 of the protocol).
    package var ignoresFinalCodes: Bool

    package init(
        initialDelay: Interval = .seconds(1), maximumDelay: Interval = .seconds(60), hasJitter: Bool = true,
        obeysServer: Bool = true, ignoresFinalCodes: Bool = false
    ) {
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
        self.hasJitter = hasJitter
        self.obeysServer = obeysServer
        self.ignoresFinalCodes = ignoresFinalCodes
    }
}
