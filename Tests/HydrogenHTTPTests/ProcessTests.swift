import Foundation
import HydrogenMetrics
import Synchronization
import Testing

@testable import HydrogenHTTP

@Suite struct ProcessTests {
    @Test(arguments: ["hydrogen", "a b", "a) S (b", ")", ""]) func theNameOfTheCommandMayHoldAnything(_ name: String) {
        let stat = "42 (\(name)) S 1 42 42 0 -1 4194560 5 6 7 8 101 102 9 10 20 0 13 0 4242 123456 789 18446744073709551615"
        let statistics = ProcessStatistics(stat: stat)
        #expect(statistics?.threadCount == 13)
        #expect(statistics?.startedAfterBootHundredths == 4_242)
        #expect(statistics?.virtualBytes == 123_456)
        #expect(statistics?.residentPages == 789)
    }

    @Test(arguments: ["", "42 (a", "42 (a) S 1 2 3", "42 (a) S 1 42 42 0 -1 1 5 6 7 8 1 2 9 10 20 0 13 0 4242 1 x"])
    func anotherFormIsNothing(_ stat: String) {
        #expect(ProcessStatistics(stat: stat) == nil)
    }

    @Test func bootTime() {
        #expect(bootTimeSeconds("cpu 1 2\nbtime 1700000000\nprocesses 5\n") == 1_700_000_000)
        #expect(bootTimeSeconds("cpu 1 2\n") == nil)
    }

    @Test func thisProcess() throws {
        let files = (0..<50).map { _ in FileHandle(forReadingAtPath: "/dev/null") }
        let sample = ProcessMonitor().sample()
        withExtendedLifetime(files) {}
        #expect(sample.openDescriptorCount >= 53)
        // What the folder lists, give or take what other tests open and close meanwhile.
        #expect(abs(sample.openDescriptorCount - countEntries("/proc/self/fd")) < 20)
        #expect(try #require(sample.maximumDescriptorCount) >= sample.openDescriptorCount)
        #expect(sample.residentBytes > 1_000_000)
        #expect(sample.virtualBytes > sample.residentBytes)
        #expect(sample.threadCount >= 1)
        #expect(sample.cpuNanoseconds > 0)
        let now = Int64(Date().timeIntervalSince1970 * 100)
        #expect(sample.startedAtHundredths > now - 360_000 && sample.startedAtHundredths <= now + 200)
        #expect(sample.families.map(\.baseName) == [
            "process_cpu_seconds", "process_open_fds", "process_max_fds", "process_resident_memory_bytes",
            "process_virtual_memory_bytes", "process_start_time_seconds", "process_threads",
        ])
    }

    @Test func theLoadIsThatOfTheLastWholePeriod() {
        let monitor = ProcessMonitor()
        let now = monotonicNanoseconds()
        let cpu = processorNanoseconds()
        _ = monitor.load(cpu: cpu, at: now + 2_000_000_000)
        #expect(monitor.load(cpu: cpu + 500_000_000, at: now + 4_000_000_000) == 250)
        #expect(monitor.load(cpu: cpu + 900_000_000, at: now + 4_999_999_999) == 250)
        #expect(monitor.load(cpu: cpu + 2_500_000_000, at: now + 5_000_000_000) == 2_000)
    }

    @Test func aScrapeWaitsNoLongerThanAllowed() {
        var table = MetricsTable()
        let count = table.counter("count", help: "c")
        let cell = SnapshotCell(table)
        let scraper = MetricsScraper(table: table, sources: [MetricsSource(loop: 0, cell: cell, wake: {})])
        let begun = ContinuousClock.now
        let silent = scraper.scrape(timeoutNanoseconds: 20_000_000)
        let waited = ContinuousClock.now - begun
        #expect(waited >= .milliseconds(20) && waited < .seconds(5))
        #expect(!silent.threads[0].isFresh)

        var counters = LoopCounters(table)
        counters.add(count[0], 3)
        let scraped = Scraped()
        Thread { scraped.total.store(scraper.scrape(timeoutNanoseconds: 5_000_000_000).total(count[0]), ordering: .releasing) }
            .start()
        while scraped.total.load(ordering: .acquiring) < 0 { counters.publishIfRequested(to: cell) }
        #expect(scraped.total.load(ordering: .acquiring) == 3)
    }
}

private final class Scraped: Sendable {
    let total = Atomic<Int64>(-1)
}
