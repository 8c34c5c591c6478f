import HydrogenProtocol
import HydrogenThreads
import Testing

@testable import HydrogenServices

/// Does what a test says, on the runner's thread.
struct Scripted: Service {
    let actions = [Action("run", "")]
    var onStart: @Sendable (ServiceContext) throws -> Void = { _ in }
    var onStop: @Sendable () -> Void = {}
    var onCommand: @Sendable (Command, consuming Reply) -> Void = { _, reply in reply.succeed() }

    func start(_ context: ServiceContext) throws { try self.onStart(context) }
    func handle(_ command: Command, reply: consuming Reply) { self.onCommand(command, reply) }
    func stop() { self.onStop() }
}

struct Refusal: Error, Equatable {}

@Suite struct ServiceRunnerTests {
    let answers = Collector<ServiceAnswer>()
    let loops = Collector<LoopIndex>()

    func makeRunner(_ service: Scripted, capacity: Int = 8) throws -> ServiceRunner {
        ServiceRunner(
            registration: try ServiceRegistration(channel: "test", service: service), capacity: capacity,
            environment: .init(
                maximumAnswerBytes: 1000, now: { Instant(nanoseconds: 1000) },
                answer: { [answers, loops] loop, answer in
                    loops.append(loop)
                    answers.append(answer)
                },
                runtime: .init(maximumDataBytes: 1000, publish: { _ throws(PublishError) in }, warn: { _ in })))
    }

    func request(_ slot: UInt32, loop: Int = 0) -> ServiceRequest {
        ServiceRequest(
            service: 0, loop: loop, slot: slot, generation: 7, channel: "test", action: "run",
            data: Array("{\"slot\":\(slot)}".utf8), identity: "alice", session: "s1",
            deadline: Instant(nanoseconds: 1500))
    }

    /// Reserves and sends, as a loop does.
    func send(_ runner: ServiceRunner, _ requests: [ServiceRequest]) {
        for _ in requests { #expect(runner.tryReserve()) }
        runner.enqueue(requests)
    }

    @Test func commandsAreHandledInOrder() throws {
        let seen = Collector<Command>()
        let runner = try self.makeRunner(
            Scripted(onCommand: { command, reply in
                seen.append(command)
                reply.succeed()
            }), capacity: 1000)
        try runner.start()
        for start in stride(from: UInt32(0), to: 1000, by: 10) {
            self.send(runner, (start..<start + 10).map { self.request($0, loop: Int($0 % 3)) })
        }
        runner.stop()
        #expect(self.answers.all.map(\.slot) == Array(0..<1000))
        #expect(self.answers.all.allSatisfy { $0.generation == 7 && $0.outcome == .success(Array("{}".utf8)) })
        #expect(self.loops.all == (0..<1000).map { $0 % 3 })
        let command = try #require(seen.all.last)
        #expect(command.identity == "alice" && command.session == "s1" && command.channel == "test")
        #expect(command.action == "run" && String(decoding: command.data, as: UTF8.self) == "{\"slot\":999}")
        #expect(command.timeLeft == .nanoseconds(500))
    }

    @Test(arguments: [1, 2, 8]) func placesAreBounded(_ capacity: Int) throws {
        let runner = try self.makeRunner(Scripted(), capacity: capacity)
        for _ in 0..<capacity - 1 { #expect(runner.tryReserve()) }
        #expect(runner.tryReserve())
        #expect(!runner.tryReserve())
        #expect(runner.takenCount == capacity)
        runner.release()
        #expect(runner.tryReserve())
        #expect(!runner.tryReserve())
    }

    @Test func placeIsHeldUntilTheAnswer() throws {
        let kept = Collector<DeferredReply>()
        let runner = try self.makeRunner(Scripted(onCommand: { _, reply in kept.append(reply.deferred()) }), capacity: 2)
        try runner.start()
        self.send(runner, [self.request(1), self.request(2)])
        let replies = kept.wait(for: 2)
        #expect(!runner.tryReserve())
        #expect(replies[1].succeed())
        #expect(runner.tryReserve())
        #expect(!runner.tryReserve())
        #expect(self.answers.all.map(\.slot) == [2])
        #expect(replies[0].succeed())
        runner.stop()
        #expect(self.answers.all.map(\.slot) == [2, 1])
    }

    @Test func manyLoopsNeverExceedTheCapacity() throws {
        let runner = try self.makeRunner(Scripted(), capacity: 16)
        try runner.start()
        let accepted = Collector<Int>()
        let threads = try (0..<4).map { loop in
            try SystemThread {
                var count = 0
                for slot in 0..<UInt32(500) where runner.tryReserve() {
                    runner.enqueue([self.request(slot, loop: loop)])
                    count += 1
                }
                accepted.append(count)
            }
        }
        for thread in threads { thread.join() }
        runner.stop()
        #expect(self.answers.all.count == accepted.all.reduce(0, +))
        #expect(runner.takenCount == 0)
    }

    @Test func stopHandlesWhatIsQueued() throws {
        let gate = Gate()
        let trace = Collector<String>()
        let runner = try self.makeRunner(
            Scripted(
                onStart: { _ in trace.append("start") }, onStop: { trace.append("stop") },
                onCommand: { command, reply in
                    gate.pass()
                    trace.append(String(decoding: command.data, as: UTF8.self))
                    reply.succeed()
                }))
        try runner.start()
        self.send(runner, [self.request(1), self.request(2), self.request(3)])
        let stopper = try SystemThread { runner.stop() }
        gate.open()
        stopper.join()
        runner.stop()
        #expect(trace.all == ["start", "{\"slot\":1}", "{\"slot\":2}", "{\"slot\":3}", "stop"])
        #expect(self.answers.all.count == 3)
        #expect(!runner.tryReserve())
    }

    @Test func commandAfterTheStopIsBusy() throws {
        let runner = try self.makeRunner(Scripted())
        try runner.start()
        #expect(runner.tryReserve())
        runner.stop()
        runner.enqueue([self.request(5)])
        #expect(self.answers.all.map(\.outcome.code) == [.busy])
        #expect(runner.takenCount == 0)
    }

    @Test func runnerThatNeverStartedAnswersAtItsStop() throws {
        let runner = try self.makeRunner(Scripted())
        self.send(runner, [self.request(1)])
        runner.stop()
        #expect(self.answers.all.map(\.outcome.code) == [.busy])
        #expect(throws: ServiceRunner.StartError.self) { try runner.start() }
    }

    @Test func serviceThatDoesNotStartStopsTheStart() throws {
        let runner = try self.makeRunner(Scripted(onStart: { _ in throw Refusal() }))
        self.send(runner, [self.request(1)])
        let error = #expect(throws: ServiceRunner.StartError.self) { try runner.start() }
        guard case .service(let cause) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(cause as? Refusal == Refusal())
        #expect(self.answers.all.map(\.outcome.code) == [.busy])
        #expect(!runner.tryReserve())
        runner.stop()
    }

    @Test func stopOnTheServicesOwnThreadDoesNotWaitForItself() throws {
        let box = Guarded<ServiceRunner?>(nil)
        let runner = try self.makeRunner(
            Scripted(onCommand: { _, reply in
                box.withLock { $0 }?.stop()
                reply.succeed()
            }))
        box.withLock { $0 = runner }
        try runner.start()
        self.send(runner, [self.request(1)])
        _ = self.answers.wait(for: 1)
        runner.stop()
        box.withLock { $0 = nil }
        #expect(self.answers.all.count == 1)
    }

    @Test func silentServiceFails() throws {
        let runner = try self.makeRunner(Scripted(onCommand: { _, _ in }))
        try runner.start()
        self.send(runner, [self.request(1)])
        runner.stop()
        #expect(self.answers.all.map(\.outcome.code) == [.failed])
    }
}
