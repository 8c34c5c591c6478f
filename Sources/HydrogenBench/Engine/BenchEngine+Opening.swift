/// From the socket to the open connection.
extension BenchEngine {
    /// Begins as many connections as may be opened at a time.
    func openMore() {
        while self.failure == nil, self.begunCount < self.connectionCount, self.openingCount < Self.maxOpeningCount {
            self.begin(self.begunCount)
            self.begunCount += 1
        }
    }

    /// Begins a connection at a place: a new one, or one that had ended.
    func begin(_ place: Int) {
        do throws(BenchError) {
            let isPublisher = self.isPublisher(place)
            let target = isPublisher ? self.plan.publishTarget ?? self.plan.target : self.plan.target
            let socket = try ClientSocket(to: target, self.tls)
            let client = BenchClient(socket: socket, startedAt: BenchClock.now, isPublisher: isPublisher)
            if place < self.clients.count { self.clients[place] = client } else { self.clients.append(client) }
            self.openingCount += 1
            self.poller.add(socket.descriptor, tag: place, writable: true)
        } catch {
            self.fail(error)
        }
    }

    func writable(_ place: Int) {
        switch self.clients[place].phase {
        case .connecting:
            let code = self.clients[place].socket.connectError
            guard code == 0 else { return self.fail(.system("cannot connect", code: code)) }
            self.clients[place].phase = .tls
            self.shakeHands(place)
        case .tls:
            self.shakeHands(place)
        case .upgrading, .greeting, .preparing, .open:
            self.flushOutbound(place)
        case .closed:
            return
        }
    }

    func shakeHands(_ place: Int) {
        switch self.clients[place].socket.shakeHands() {
        case true?:
            self.clients[place].phase = .upgrading
            self.clients[place].outbound = self.clients[place].isPublisher ? self.publisherRequest : self.request
            self.flushOutbound(place)
        case false?:
            self.poller.change(self.clients[place].socket.descriptor, tag: place, writable: false)
        case nil:
            self.fail(.tls(TLSContext.lastFault))
        }
    }

    func upgraded(_ place: Int) {
        self.clients[place].phase = .greeting
        if !self.plan.speaksHydrogen { self.greeted(place) }
    }

    func greeted(_ place: Int) {
        self.clients[place].phase = .open
        if self.ready(place) { self.opened(place) } else { self.clients[place].phase = .preparing }
    }

    func opened(_ place: Int) {
        self.clients[place].phase = .open
        self.openCount += 1
        self.openingCount -= 1
        self.openMore()
        self.connectionOpened(place)
    }


    /// Ends a connection at once.
    func close(_ place: Int) {
        switch self.clients[place].phase {
        case .closed: return
        case .open: self.openCount -= 1
        case .connecting, .tls, .upgrading, .greeting, .preparing: self.openingCount -= 1
        }
        self.clients[place].phase = .closed
        self.clients[place].socket.close(withReset: true)
    }
}
