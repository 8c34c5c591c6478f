/// Connections are opened and held; pings are answered.
final class IdleLoad: BenchEngine {
    override func connectionOpened(_ place: Int) {
        // All of them count, though the time of the run begins when the last one is open.
        self.countAlways(BenchClock.now - self.clients[place].startedAt)
    }
}

/// Connections are opened and, once they could be used, closed by a close frame; then the next one is opened in the place.
final class ChurnLoad: BenchEngine {
    private var endedPlaces: [Int] = []

    override func connectionOpened(_ place: Int) {
        self.count(BenchClock.now - self.clients[place].startedAt)
        self.appendClose()
        self.flush(place)
    }

    override func ended(_ place: Int) -> Bool {
        self.endedPlaces.append(place)
        return true
    }

    override func tick() {
        // A connection may end while it is being begun.
        var places: [Int] = []
        swap(&places, &self.endedPlaces)
        for place in places { self.begin(place) }
    }
}
