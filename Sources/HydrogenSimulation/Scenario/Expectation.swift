import HydrogenConnection
import HydrogenProtocol

/// Something that the author of a scenario wants to be true. One that is not fails the run (exit status 1), which goes on.
package struct Expectation: Sendable {
    /// As the author put it, for reports; empty: made from the rest.
    package var text: String
    package var condition: Condition

    package init(_ condition: Condition, text: String = "") {
        self.text = text
        self.condition = condition
    }

    package enum Comparison: String, Sendable, CaseIterable {
        case atMost = "<=", atLeast = ">=", exactly = "="
    }

    /// Who is meant; a client's own connections, as the server sees them.
    package enum Scope: Sendable, Equatable {
        case everybody
        /// Index of a group.
        case group(Int)
        /// Each client of a group by itself.
        case eachClient(ofGroup: Int)
    }

    package enum Condition: Sendable {
        /// Connections of the server that are in one of these states, at a time.
        case connections([ConnectionStateMachine.Kind], Comparison, Int, at: Interval, Scope = .everybody)
        /// Clients that are connected and served, at a time.
        case connectedClients(Comparison, Int, at: Interval, Scope = .everybody)
        /// What happens between two times (nil: the end), all together.
        case total(Quantity, Comparison, Int, from: Interval = .zero, to: Interval? = nil, Scope = .everybody)
        /// What happens in any window of this length between two times. `atLeast` looks at windows side by side.
        case rate(
            Quantity, Comparison, Int, within: Interval, from: Interval = .zero, to: Interval? = nil, Scope = .everybody)
        /// A percentile (in thousandths: 990 is p99) of a latency between two times.
        case latency(
            Latency, perMille: Int, atMost: Interval, from: Interval = .zero, to: Interval? = nil, Scope = .everybody)
        /// A sample of `/metrics` by name and labels, as `hydrogen_connections{state="zombie"}`, at a time (nil: the end).
        case metric(String, Comparison, Int, at: Interval? = nil)
    }

    /// What can be counted.
    package enum Quantity: Sendable, Equatable {
        /// Attempts of clients to connect.
        case attempts
        /// Connections that came into service.
        case opened
        /// Handshakes that were refused; with a status, or any.
        case refused(status: Int?)
        /// Sockets that were closed without an answer before there was one.
        case dropped
        /// Connections in service that ended, with this code on the side that is told (1006: none), or any.
        case closed(code: UInt16?)
        /// Whole messages of clients that reached the server.
        case messages
        /// Commands answered with `"status":"ok"`.
        case succeeded
        /// Commands answered with an error; `category.code`, or any.
        case failed(ErrorCode?)
        /// Events that reached a client.
        case events
    }

    package enum Latency: String, Sendable, CaseIterable {
        /// From sending a command to its response, at the client.
        case response
        /// From a publish to its arrival at a subscriber.
        case delivery
        /// From the first attempt to connect, after the start or a loss, to being served.
        case connecting
    }
}
