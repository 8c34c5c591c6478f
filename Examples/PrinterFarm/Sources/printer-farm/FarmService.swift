import HydrogenServices
import Synchronization

/// A farm of printers, each with one job at a time.
///
/// It shows what a service can do: answer at once (`printers`, `start`, `cancel`), answer later (`wait`), refuse with a
/// code, and tell subscribers what happens (`job.progress`, `job.ended`).
final class FarmService: Service {
    let actions = [
        Action("printers", "Lists the printers and their jobs"),
        Action("start", "Starts a job on a printer that is free"),
        Action("cancel", "Ends the job of a printer"),
        Action("wait", "Answers when the job of a printer has ended"),
    ]

    /// More that wait for one job are told `busy`.
    private static let maximumWaiterCount = 100
    private static let layerCount = 10

    private struct Job: Sendable {
        var id: Int
        var file: String
        var layer = 0
        var task: Task<Void, Never>?
        /// Who asked to be told the end.
        var waiters: [DeferredReply] = []
    }

    private struct State: Sendable {
        var printers: [(name: String, job: Job?)]
        var jobCount = 0
        var context: ServiceContext?
    }

    private let state: Mutex<State>

    init(printers: [String]) {
        self.state = Mutex(State(printers: printers.map { ($0, nil) }))
    }

    func start(_ context: ServiceContext) { self.state.withLock { $0.context = context } }

    func stop() {
        let indices = self.state.withLock { $0.printers.indices }
        for index in indices { self.end(printer: index, job: nil, as: "stopped") }
    }

    func handle(_ command: Command, reply: consuming Reply) {
        switch command.action {
        case "printers": self.list(reply)
        case "start": self.start(command, reply)
        case "cancel": self.cancel(command, reply)
        case "wait": self.wait(command, reply)
        // Only what `actions` names is handed over.
        case let action: reply.fail(.failed, "no action \(action)")
        }
    }
}

// The actions.
extension FarmService {
    private struct PrinterRequest: Decodable { var printer: String }

    private func list(_ reply: consuming Reply) {
        struct Printer: Encodable {
            var name: String
            var job: Int?
            var file: String?
            var progress: Int?
        }
        let printers = self.state.withLock { state in
            state.printers.map { name, job in
                Printer(name: name, job: job?.id, file: job?.file, progress: job.map(Self.progress))
            }
        }
        reply.succeed(["printers": printers])
    }

    private func start(_ command: Command, _ reply: consuming Reply) {
        struct Request: Decodable {
            var printer: String
            var file: String
        }
        guard let request = try? command.decode(Request.self), !request.file.isEmpty else {
            return reply.fail(.invalidData, "printer and file are needed")
        }
        guard let index = self.index(of: request.printer) else { return reply.fail(.notFound, request.printer) }
        let id: Int? = self.state.withLock { state in
            guard state.printers[index].job == nil else { return nil }
            state.jobCount += 1
            let id = state.jobCount
            var job = Job(id: id, file: request.file)
            job.task = Task { await self.print(printer: index, job: id) }
            state.printers[index].job = job
            return id
        }
        guard let id else { return reply.fail(.conflict, "\(request.printer) has a job") }
        reply.succeed(["job": id])
    }

    private func cancel(_ command: Command, _ reply: consuming Reply) {
        guard let request = try? command.decode(PrinterRequest.self) else { return reply.fail(.invalidData) }
        guard let index = self.index(of: request.printer), self.end(printer: index, job: nil, as: "cancelled") else {
            return reply.fail(.notFound, "no job on \(request.printer)")
        }
        reply.succeed()
    }

    /// The answer is kept, and given by whatever ends the job. A client that waits longer than the server's
    /// `CommandTimeout` is told `application.timeout`.
    private func wait(_ command: Command, _ reply: consuming Reply) {
        guard let request = try? command.decode(PrinterRequest.self) else { return reply.fail(.invalidData) }
        guard let index = self.index(of: request.printer) else { return reply.fail(.notFound, request.printer) }
        let reply = reply.deferred()
        let refusal: ServiceErrorCode? = self.state.withLock { state in
            guard let count = state.printers[index].job?.waiters.count else { return .notFound }
            guard count < Self.maximumWaiterCount else { return .busy }
            state.printers[index].job?.waiters.append(reply)
            return nil
        }
        if let refusal { reply.fail(refusal, "waiting for \(request.printer)") }
    }

    private func index(of printer: String) -> Int? {
        self.state.withLock { $0.printers.firstIndex { $0.name == printer } }
    }
}

// The printing.
extension FarmService {
    private static func progress(_ job: Job) -> Int { job.layer * 100 / Self.layerCount }

    /// Prints layer by layer, until the job is done or another one has taken its place.
    private func print(printer index: Int, job id: Int) async {
        for _ in 0..<Self.layerCount {
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
            let (job, context) = self.state.withLock { state in
                if state.printers[index].job?.id == id { state.printers[index].job?.layer += 1 }
                return (state.printers[index].job, state.context)
            }
            guard let job, job.id == id else { return }
            // Progress that finds no place is not missed: more comes.
            try? context?.publish(
                action: "job.progress", data: ["job": id, "progress": Self.progress(job)],
                options: EventOptions(priority: .low, retain: true))
        }
        self.end(printer: index, job: id, as: "finished")
    }

    /// Ends a printer's job, if it has one, and if it is the one that is meant.
    @discardableResult
    private func end(printer index: Int, job id: Int?, as outcome: String) -> Bool {
        let (ended, context) = self.state.withLock { state -> (Job?, ServiceContext?) in
            guard let job = state.printers[index].job, id == nil || id == job.id else { return (nil, nil) }
            state.printers[index].job = nil
            return (job, state.context)
        }
        guard let ended else { return false }
        ended.task?.cancel()
        struct End: Encodable {
            var job: Int
            var outcome: String
        }
        let end = End(job: ended.id, outcome: outcome)
        for waiter in ended.waiters { waiter.succeed(end) }
        do {
            try context?.publish(action: "job.ended", data: end, options: EventOptions(guaranteed: true))
        } catch {
            context?.warn("the end of job \(ended.id) was not published: \(error)")
        }
        return true
    }
}
