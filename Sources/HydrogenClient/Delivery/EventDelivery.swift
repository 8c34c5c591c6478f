import HydrogenClientCore
import Synchronization

/// A guaranteed event in the hands of those who handle it, until each of them has settled: then the server is told, or,
/// where none of them handled it, asked to send it again.
final class EventTicket: Sendable {
    private let reference: EventReference
    private let id: [UInt8]
    private let handle: ClientLoopHandle
    private let openCount: Atomic<Int>
    private let isHandled = Atomic<Bool>(false)

    init(_ reference: EventReference, id: [UInt8], consumerCount: Int, handle: ClientLoopHandle) {
        self.reference = reference
        self.id = id
        self.handle = handle
        self.openCount = Atomic(consumerCount)
    }

    fileprivate func settle(isHandled: Bool) {
        if isHandled { self.isHandled.store(true, ordering: .relaxed) }
        guard self.openCount.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        let isHandled = self.isHandled.load(ordering: .relaxed)
        self.handle.post(isHandled ? .acknowledge(self.reference, id: self.id) : .giveBack(self.reference))
    }
}

/// One consumer's part in a ticket. It settles once: by an acknowledgement, or by being forgotten.
final class EventDelivery: Sendable {
    private let ticket: EventTicket
    private let isSettled = Atomic<Bool>(false)

    init(_ ticket: EventTicket) { self.ticket = ticket }

    deinit { self.settle(isHandled: false) }

    func acknowledge() { self.settle(isHandled: true) }

    private func settle(isHandled: Bool) {
        guard !self.isSettled.exchange(true, ordering: .relaxed) else { return }
        self.ticket.settle(isHandled: isHandled)
    }
}
