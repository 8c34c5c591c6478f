import HydrogenProtocol

/// The places that a publish needs in mailboxes are taken before anything is posted, so that it reaches every loop or
/// none.
extension Shard {
    /// How many of the other loops' answers a publish waits for.
    var otherLoopCount: Int { self.places.loopCount - 1 }

    func reservePlaces(placeCount: Int, isAnswered: Bool) -> Bool {
        guard self.places.reserveEverywhere(placeCount, of: .events, except: self.loop) else { return false }
        if !isAnswered || self.places.reserve(self.otherLoopCount, of: .events, at: self.loop) { return true }
        self.releaseEventPlaces(placeCount)
        return false
    }

    private func releaseEventPlaces(_ count: Int) {
        for loop in 0..<self.places.loopCount where loop != self.loop {
            self.places.release(count, of: .events, at: loop)
        }
    }

    /// Nothing of a publish is posted after all.
    func releasePlaces(of publication: Publication) {
        self.releaseEventPlaces(publication.placeCount)
        if publication.isAnswered { self.places.release(self.otherLoopCount, of: .events, at: self.loop) }
    }

    /// Takes the places for asking the keeper of a key, for its answer, and for telling it what became of the publish.
    func reserveKeyPlaces(at home: LoopIndex, needsCommit: Bool) -> Bool {
        let count = needsCommit ? 2 : 1
        guard self.places.reserve(count, of: .events, at: home) else { return false }
        if self.places.reserve(of: .events, at: self.loop) { return true }
        self.places.release(count, of: .events, at: home)
        return false
    }
}
