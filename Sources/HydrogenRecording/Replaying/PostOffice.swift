import HydrogenProtocol
import HydrogenShard

/// The mail between loops that are replayed: what one posts waits here until the recording of the other takes it.
final class PostOffice {
    private struct Box {
        var mails: [(number: UInt64, mail: Mail)] = []
        /// How many of them were taken.
        var takenCount = 0
    }

    private let loopCount: Int
    /// By the loop that posts and the one that takes.
    private var boxes: [Box]

    init(loopCount: Int) {
        self.loopCount = loopCount
        self.boxes = Array(repeating: Box(), count: loopCount * loopCount)
    }

    func post(_ mail: Mail, _ stamp: MailStamp, to loop: LoopIndex) {
        guard loop < self.loopCount else { return }
        self.boxes[stamp.loop * self.loopCount + loop].mails.append((stamp.number, mail))
    }

    enum Found {
        case mail(Mail)
        /// It was not posted yet.
        case notYet
        /// Later mail is there: it will never come.
        case never
    }

    /// Takes a mail out; one that was posted before it and never arrived, as there was no room, is dropped.
    func take(_ stamp: MailStamp, by loop: LoopIndex) -> Found {
        let box = stamp.loop * self.loopCount + loop
        while self.boxes[box].takenCount < self.boxes[box].mails.count {
            let (number, mail) = self.boxes[box].mails[self.boxes[box].takenCount]
            if number > stamp.number { return .never }
            self.boxes[box].takenCount += 1
            if self.boxes[box].takenCount == self.boxes[box].mails.count {
                self.boxes[box].mails.removeAll(keepingCapacity: true)
                self.boxes[box].takenCount = 0
            }
            if number == stamp.number { return .mail(mail) }
        }
        return .notYet
    }
}
