import HydrogenHTTP
import HydrogenProtocol
import HydrogenShard
import HydrogenThreads
import HydrogenTransport

/// Asks the loops what an operator wants to know, and tells them what to do. Nothing here waits: answers come by
/// completions, on a loop's thread, once; nil where a mailbox has no place now, or a loop has ended.
final class OperatorDesk: Sendable {
    private struct State: Sendable {
        var number: UInt64 = 0
        /// By number of the request: tells who waits that no answer will come.
        var waiting: [UInt64: @Sendable () -> Void] = [:]
        var isStopped = false
    }

    let loops: [LoopHandle]
    private let places: MailPlaces
    private let state = Guarded(State())

    init(loops: [LoopHandle], places: MailPlaces) {
        self.loops = loops
        self.places = places
    }

    /// Puts mail into a loop's mailbox; false if it has no place now.
    @discardableResult
    func post(_ mail: Mail, to loop: LoopHandle) -> Bool {
        guard let purse = mail.purse, self.places.reserve(of: purse, at: loop.index) else { return false }
        return loop.post(mail)
    }

    /// Tells something to one loop, whichever, that need not be told in any case.
    func mention(_ mail: Mail) {
        guard let loop = self.loops.first else { return }
        self.post(mail, to: loop)
    }

    /// The loops have ended: whoever still waits for one is told so, and whoever asks from now on.
    func stop() {
        let waiting = self.state.withLock { state in
            state.isStopped = true
            defer { state.waiting = [:] }
            return state.waiting
        }
        for giveUp in waiting.values { giveUp() }
    }

    /// Asks one loop.
    private func ask<Answer: Sendable>(
        _ loop: LoopHandle, _ mail: (@escaping @Sendable (Answer) -> Void) -> Mail,
        _ completion: @escaping @Sendable (Answer?) -> Void
    ) {
        // Mail that a loop left unread must not keep alive who asked.
        let asker = Guarded<(@Sendable (Answer?) -> Void)?>(completion)
        let tell = { @Sendable (answer: Answer?) -> Void in asker.withLock { $0.take() }?(answer) }
        let number = self.state.withLock { state -> UInt64? in
            guard !state.isStopped else { return nil }
            state.number += 1
            state.waiting[state.number] = { tell(nil) }
            return state.number
        }
        guard let number else { return tell(nil) }
        let answered = { @Sendable [state] (answer: Answer?) -> Void in
            state.withLock { $0.waiting[number] = nil }
            tell(answer)
        }
        if !self.post(mail(answered), to: loop) { answered(nil) }
    }

    /// Asks every loop. What some answered is lost where others could not be asked.
    func askAll<Answer: Sendable>(
        _ mail: (@escaping @Sendable (Answer) -> Void) -> Mail, _ completion: @escaping @Sendable ([Answer]?) -> Void
    ) {
        guard !self.loops.isEmpty else { return completion([]) }
        let loopCount = self.loops.count
        let gathered = Guarded(Gathered<Answer>())
        let add = { @Sendable (answer: Answer?) in
            let all = gathered.withLock { state -> Gathered<Answer>? in
                state.count += 1
                if let answer { state.answers.append(answer) }
                return state.count == loopCount ? state : nil
            }
            if let all { completion(all.answers.count == loopCount ? all.answers : nil) }
        }
        for loop in self.loops { self.ask(loop, mail, add) }
    }

    /// Connections from a place on, of one loop after the other, in the order of their slots.
    func connections(
        from place: APIPlace, limit: Int, _ completion: @escaping @Sendable ([ConnectionDescription]?) -> Void
    ) {
        self.gather(from: place, limit: limit, [], { .describe($0, answer: $1) }, completion)
    }

    /// Sessions, likewise.
    func sessions(
        from place: APIPlace, limit: Int, _ completion: @escaping @Sendable ([SessionDescription]?) -> Void
    ) {
        self.gather(from: place, limit: limit, [], { .describeSessions($0, answer: $1) }, completion)
    }

    private func gather<Item: Sendable>(
        from place: APIPlace, limit: Int, _ found: [Item],
        _ mail: @escaping @Sendable (DescriptionPage, @escaping @Sendable ([Item]) -> Void) -> Mail,
        _ completion: @escaping @Sendable ([Item]?) -> Void
    ) {
        guard place.loop < self.loops.count, found.count < limit else { return completion(found) }
        let page = DescriptionPage(
            firstSlot: place.slot, afterSession: place.session, maximumCount: limit - found.count)
        self.ask(self.loops[place.loop], { mail(page, $0) }) { (more: [Item]?) in
            guard let more else { return completion(nil) }
            self.gather(from: APIPlace(loop: place.loop + 1), limit: limit, found + more, mail, completion)
        }
    }

    private struct Gathered<Answer: Sendable>: Sendable {
        var count = 0
        var answers: [Answer] = []
    }
}

extension OperatorDesk {
    /// Waits for what a request brings: for threads that may.
    func wait<Answer: Sendable>(_ ask: (@escaping @Sendable (Answer) -> Void) -> Void) -> Answer {
        let box = Guarded<Answer?>(nil)
        ask { answer in box.withLockNotifying { $0 = answer } }
        return box.wait { $0 }
    }
}
