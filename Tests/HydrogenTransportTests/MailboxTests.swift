import Foundation
import Testing

@testable import HydrogenTransport

/// Lends a mailbox to several threads.
private final class Shared<Element: Sendable>: @unchecked Sendable {
    private let mailbox: Mailbox<Element>
    init(capacity: Int) { self.mailbox = Mailbox(capacity: capacity) }
    var capacity: Int { self.mailbox.capacity }
    var count: Int { self.mailbox.count }
    func offer(_ element: Element) -> Bool { self.mailbox.offer(element) }
    func take() -> Element? { self.mailbox.take() }
}

@Suite struct MailboxTests {
    @Test(arguments: [(0, 2), (1, 2), (2, 2), (3, 4), (1_000, 1_024), (1_024, 1_024), (1_025, 2_048)])
    func theCapacityIsAPowerOfTwo(_ asked: Int, _ got: Int) {
        #expect(Shared<Int>(capacity: asked).capacity == got)
    }

    @Test func aFullMailboxRefuses() {
        let mailbox = Shared<Int>(capacity: 4)
        for round in 0..<3 {
            for number in 0..<4 { #expect(mailbox.offer(round * 10 + number)) }
            #expect(mailbox.count == 4)
            #expect(!mailbox.offer(99))
            #expect(mailbox.take() == round * 10)
            #expect(mailbox.offer(round * 10 + 4))
            for number in 1..<5 { #expect(mailbox.take() == round * 10 + number) }
            #expect(mailbox.take() == nil)
            #expect(mailbox.count == 0)
        }
    }

    @Test func whatWaitsIsFreedWithTheMailbox() {
        final class Token: Sendable {}
        weak var token: Token?
        do {
            let mailbox = Shared<Token>(capacity: 4)
            let strong = Token()
            token = strong
            #expect(mailbox.offer(strong))
        }
        #expect(token == nil)
    }

    @Test func fourSendersLoseAndDoubleNothing() {
        let senderCount = 4
        let perSender = 200_000
        let shared = Shared<Int>(capacity: 1_024)
        for sender in 0..<senderCount {
            Thread.detachNewThread {
                for number in 0..<perSender {
                    while !shared.offer(sender << 32 | number) { sched_yield() }
                }
            }
        }
        var next = [Int](repeating: 0, count: senderCount)
        var inOrder = true
        var received = 0
        while received < senderCount * perSender {
            guard let element = shared.take() else {
                sched_yield()
                continue
            }
            received += 1
            let sender = element >> 32
            inOrder = inOrder && next[sender] == element & 0xffff_ffff
            next[sender] += 1
        }
        #expect(inOrder)
        #expect(next == [Int](repeating: perSender, count: senderCount))
        #expect(shared.take() == nil)
    }
}
