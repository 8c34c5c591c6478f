import HydrogenProtocol
import HydrogenShard

/// Mail between loops, and from an operator.
extension World {
    /// How long mail is under way, at most.
    private static let longestWay: Int64 = 50_000
    /// The same when it is late.
    private static let longestDelay: Int64 = 5_000_000

    mutating func post(_ mail: consuming Mail, from source: LoopIndex?, to target: LoopIndex) {
        let loop = self.loop(target)
        loop.waitingMailCount += 1
        if loop.waitingMailCount > self.server.places.mailboxCapacity {
            self.violate(8, "the mailbox of loop \(target) overflows")
        }
        var at = self.after(Interval(nanoseconds: self.schedule.number(1_000, Self.longestWay)))
        if self.strikes(.lateMail) {
            at = at + Interval(nanoseconds: self.faults.number(0, Self.longestDelay))
        }
        if let source {
            at = max(at, loop.lastMailAt[source])
            loop.lastMailAt[source] = at
        }
        let place = self.mail.insert(MailUnderWay(mail: mail, target: target, life: self.server.life))
        self.heap.push(.mail, at: at, subject: place)
    }

    mutating func deliverMail(_ place: UInt32) {
        guard let item = self.mail.take(place), item.life == self.server.life, self.server.isUp else { return }
        let loop = self.loop(item.target)
        loop.waitingMailCount -= 1
        if self.trace.isOn { self.trace.say("loop \(item.target) mail \(item.mail.name)") }
        if case .policy(let policy) = item.mail { loop.policy = policy }
        loop.shard.deliver(item.mail, at: self.now)
        if case .ticket(let ticket, _) = item.mail { self.ticketIsKnown(ticket.number) }
        self.served(loop)
    }

    /// An operator, or a signal, tells every loop.
    mutating func tellEveryLoop(_ mail: Mail) {
        guard self.server.isUp, let purse = mail.purse else { return }
        for loop in self.server.loops where self.server.places.reserve(of: purse, at: loop.index) {
            self.post(mail, from: nil, to: loop.index)
        }
    }
}

/// Mail on its way.
struct MailUnderWay {
    var mail: Mail
    var target: LoopIndex
    /// Of the server that it was posted in.
    var life: UInt32
}
