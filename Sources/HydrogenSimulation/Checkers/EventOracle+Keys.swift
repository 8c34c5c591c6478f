import HydrogenProtocol

/// Publishes under keys, and those whose commit failed.
extension EventOracle {
    /// For how long a key publishes nothing again, less what clocks and loops may differ by.
    private static let keyLifetime = Interval.seconds(299)
    /// For how long a key may publish nothing again.
    private static let longestLifetime = Interval.seconds(310)

    /// Notes that something is published under a key.
    /// - Returns: whether nothing else was lately, so that it must be the one that comes.
    mutating func isFirst(under key: Int, _ number: UInt32, _ publish: Publish, at now: Instant) -> Bool {
        let publisher = Int(publish.publisher)
        let latest = now.nanoseconds - Self.longestLifetime.nanoseconds
        while let first = self.clients[publisher].claims.first, first.at < latest {
            self.clients[publisher].claims.removeFirst()
        }
        let isFirst = !self.clients[publisher].claims.contains { $0.key == key && $0.channel == publish.channel }
        self.clients[publisher].claims.append((key, publish.channel, number, now.nanoseconds))
        return isFirst
    }

    /// A command came over a link that its client has given up: nobody is owed what it publishes, and its key is taken.
    mutating func takenLate(_ note: CommandNote, at now: Instant) {
        guard case .publish(let number) = note, let publish = self.publishes[number], let key = publish.key else { return }
        _ = self.isFirst(under: key, number, publish, at: now)
    }

    /// Whether an answer says that another event was published under the key: one whose commit failed is sent again, and
    /// meanwhile another may have taken its key.
    func isAnotherUnderItsKey(_ number: UInt32, _ hash: UInt64) -> Bool {
        guard hash != 0, let publish = self.publishes[number], let key = publish.key else { return false }
        let publisher = Int(publish.publisher)
        return self.clients[publisher].keyed.contains { $0.publish != number && $0.key == key && $0.hash == hash }
            || self.clients[publisher].claims.contains {
                $0.publish != number && $0.key == key && self.publishes[$0.publish]?.eventHash == hash
            }
    }

    /// Whether a key was published under twice within its time.
    mutating func keyFault(of event: WrittenEvent) -> String? {
        guard let number = event.publish, let publish = self.publishes[number], !event.isRetained, let key = publish.key,
            publish.takenAt >= self.keysForgottenAt
        else { return nil }
        let publisher = Int(publish.publisher)
        // A key counts on its channel alone.
        let place = self.clients[publisher].keyed.firstIndex {
            $0.key == key && self.publishes[$0.publish]?.channel == publish.channel
        }
        guard let place else {
            self.clients[publisher].keyed.append(Keyed(key: key, publish: number, hash: event.hash))
            return nil
        }
        let known = self.clients[publisher].keyed[place]
        let first = self.publishes[known.publish] ?? publish
        let span = max(publish.lastTakenAt, first.lastTakenAt) - min(publish.takenAt, first.takenAt)
        let isWithin = span < Self.keyLifetime.nanoseconds
        if known.publish == number {
            guard event.hash != 0, known.hash != event.hash else { return nil }
            self.clients[publisher].keyed[place].hash = event.hash
            return known.hash != 0 && isWithin ? "publish \(number) under a key came as two events" : nil
        }
        // What comes again of an earlier one says nothing new.
        if publish.takenAt > first.takenAt {
            self.clients[publisher].keyed[place] = Keyed(key: key, publish: number, hash: event.hash)
        }
        return isWithin ? "events \(known.publish) and \(number) of client \(publisher) have the same key" : nil
    }

    /// Whether an event comes though its commit failed, so that its publisher was told.
    func failureFault(of event: WrittenEvent) -> String? {
        guard let number = event.publish, let publish = self.publishes[number], publish.isGuaranteed, publish.hasFailed,
            publish.takenAt == publish.lastTakenAt
        else { return nil }
        return "event \(number) comes though its publisher was told that it failed"
    }
}
