import HydrogenClientCore

extension HydrogenClient {
    /// Events of one subscription, in their order, for one consumer. It ends when the client is closed, when the server
    /// takes the subscription back, or when nobody holds it any more: then it is ended at the server too.
    ///
    /// A guaranteed event is acknowledged when the next one is asked for, unless the subscription was made with
    /// `acknowledges: .explicitly`. One that is never acknowledged comes again.
    public final class Subscription: AsyncSequence, Sendable {
        public typealias Element = Event
        public typealias Failure = Never

        let buffer: EventBuffer
        private let route: RouteNumber
        private let handle: ClientLoopHandle
        private let acknowledges: Acknowledgement

        init(_ buffer: EventBuffer, route: RouteNumber, handle: ClientLoopHandle, acknowledges: Acknowledgement) {
            self.buffer = buffer
            self.route = route
            self.handle = handle
            self.acknowledges = acknowledges
        }

        deinit { self.cancel() }

        /// Events that were dropped as too many waited for the consumer. Guaranteed ones never are.
        public var droppedEventCount: Int { self.buffer.droppedCount }

        /// Ends the subscription. What waits for the consumer is not acknowledged.
        public func cancel() {
            self.buffer.abandon()
            self.handle.post(.endRoute(self.route))
        }

        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

        public struct AsyncIterator: AsyncIteratorProtocol {
            private let subscription: Subscription
            /// Of the event that the consumer has in hand.
            private var delivery: EventDelivery?

            init(_ subscription: Subscription) { self.subscription = subscription }

            public mutating func next() async -> Event? {
                self.delivery?.acknowledge()
                self.delivery = nil
                guard let event = await self.subscription.buffer.next() else { return nil }
                if self.subscription.acknowledges == .automatically { self.delivery = event.delivery }
                return event
            }
        }
    }

    /// When a guaranteed event counts as handled.
    public enum Acknowledgement: Sendable, Hashable {
        /// When the consumer asks for the next one.
        case automatically
        /// When `acknowledge` is called on it.
        case explicitly
    }
}
