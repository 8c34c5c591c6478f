import HydrogenProtocol

/// `MailPlaces` as one shard sees it: every answer passes the tape.
struct PlacesView {
    private let places: MailPlaces
    private let tape: AnswerTape?
    let loopCount: Int

    init(_ places: MailPlaces, _ tape: AnswerTape?) {
        self.places = places
        self.tape = tape
        self.loopCount = places.loopCount
    }

    func reserve(_ count: Int = 1, of purse: MailPlaces.Purse, at loop: LoopIndex) -> Bool {
        self.tape.answer { self.places.reserve(count, of: purse, at: loop) }
    }

    func release(_ count: Int = 1, of purse: MailPlaces.Purse, at loop: LoopIndex) {
        self.tape.tell { self.places.release(count, of: purse, at: loop) }
    }

    func reserveEverywhere(_ count: Int = 1, of purse: MailPlaces.Purse, except own: LoopIndex?) -> Bool {
        self.tape.answer { self.places.reserveEverywhere(count, of: purse, except: own) }
    }

    func takenCount(at loop: LoopIndex) -> Int { self.tape.answer { self.places.takenCount(at: loop) } }
}
