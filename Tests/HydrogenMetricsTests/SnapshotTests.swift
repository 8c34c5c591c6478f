import Foundation
import Synchronization
import Testing

@testable import HydrogenMetrics

@Suite struct SnapshotTests {
    @Test func aLoopPublishesOnlyWhenAsked() {
        var table = MetricsTable()
        let count = table.counter("count", help: "c")
        let cell = SnapshotCell(table)
        var counters = LoopCounters(table)
        counters.add(count[0])
        counters.publishIfRequested(to: cell)
        #expect(cell.read() == [0])

        let request = cell.request()
        #expect(!cell.isAnswered(request))
        counters.publishIfRequested(to: cell)
        #expect(cell.isAnswered(request))
        #expect(cell.read() == [1])

        counters.add(count[0])
        counters.publishIfRequested(to: cell)
        #expect(cell.read() == [1])
        counters.publish(to: cell)
        #expect(cell.read() == [2])
    }

    @Test func aLoopThatDoesNotAnswerKeepsItsLastSnapshot() {
        var table = MetricsTable()
        let count = table.counter("count", help: "c")
        let cells = [SnapshotCell(table), SnapshotCell(table)]
        let woken = Counter()
        var silent = LoopCounters(table)
        silent.add(count[0], 7)
        silent.publish(to: cells[1])
        silent.add(count[0], 100)
        var lively = LoopCounters(table)
        let scraper = MetricsScraper(
            table: table,
            sources: cells.enumerated().map { loop, cell in
                MetricsSource(loop: loop, cell: cell, wake: { woken.raise() })
            })
        var rounds: [Int] = []
        let snapshot = scraper.scrape { round in
            rounds.append(round)
            lively.add(count[0])
            lively.publishIfRequested(to: cells[0])
            return round < 2
        }
        #expect(rounds == [0, 1, 2])
        #expect(woken.value == 2)
        #expect(snapshot.threads.map(\.isFresh) == [true, false])
        #expect(snapshot.threads.map(\.words) == [[1], [7]])
    }

    @Test(arguments: [1, 63, 64, 65, 200]) func everyWordArrives(_ wordCount: Int) {
        var table = MetricsTable()
        let block = table.counter(
            "count", help: "c", labels: ["n"], series: (0..<wordCount).map { ["\($0)"] })
        let cell = SnapshotCell(table)
        var counters = LoopCounters(table)
        for index in 0..<wordCount { counters.add(block[index], Int64(index) + 1) }
        counters.publish(to: cell)
        #expect(cell.read() == (1...Int64(wordCount)).map { $0 })
    }

    /// A loop moves units between its words, and they add up to 0 only between two turns; it publishes after every turn,
    /// as fast as it can, so that readers are overtaken.
    @Test func everyReadSeesOneMoment() {
        var table = MetricsTable()
        let block = table.gauge("units", help: "u", labels: ["n"], series: (0..<150).map { ["\($0)"] })
        let turns = table.counter("turns", help: "t")
        let cell = SnapshotCell(table)
        let finished = Counter()
        let results = Results()
        for _ in 0..<2 {
            Thread {
                var last: Int64 = 0
                for _ in 0..<2_000 {
                    let words = cell.read()
                    results.note(words[0..<150].reduce(0, +) == 0 && words[0] == words[150] * 149 && words[150] >= last)
                    last = words[150]
                }
                finished.raise()
            }.start()
        }
        var counters = LoopCounters(table)
        while finished.value < 2 {
            counters.add(turns[0])
            for index in 1..<150 { counters.add(block[index], -1) }
            counters.add(block[0], 149)
            counters.publish(to: cell)
        }
        #expect(results.good.value == 4_000)
        #expect(results.bad.value == 0)
    }

    @Test func everyScrapeIsNewerThanItsRequest() {
        var table = MetricsTable()
        let turns = table.counter("turns", help: "t")
        let cell = SnapshotCell(table)
        let finished = Counter()
        let begun = Counter()
        let results = Results()
        let scraper = MetricsScraper(table: table, sources: [MetricsSource(loop: 0, cell: cell, wake: {})])
        for _ in 0..<2 {
            Thread {
                for _ in 0..<1_000 {
                    let earlier = begun.value
                    let snapshot = scraper.scrape { _ in true }
                    results.note(snapshot.total(turns[0]) >= earlier && snapshot.threads[0].isFresh)
                }
                finished.raise()
            }.start()
        }
        var counters = LoopCounters(table)
        while finished.value < 2 {
            counters.add(turns[0])
            counters.publishIfRequested(to: cell)
            begun.raise()
        }
        #expect(results.good.value == 2_000)
        #expect(results.bad.value == 0)
    }
}

/// A count that several threads raise.
final class Counter: Sendable {
    private let count = Atomic(0)
    func raise() { self.count.add(1, ordering: .relaxed) }
    var value: Int { self.count.load(ordering: .acquiring) }
}

final class Results: Sendable {
    let good = Counter()
    let bad = Counter()
    func note(_ isGood: Bool) { (isGood ? self.good : self.bad).raise() }
}
