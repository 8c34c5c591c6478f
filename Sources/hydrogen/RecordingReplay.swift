import ArgumentParser
import HydrogenConfiguration
import HydrogenProtocol
import HydrogenRecording
import HydrogenServer
import HydrogenThreads

/// One replay of a recording's file, told on the terminal.
struct RecordingReplay {
    let path: String
    /// Where to write a line for each step.
    let trace: String?

    /// What a first look at the file finds.
    private struct Survey {
        var head: RecordingHead
        var heldBack: HeldBackBytes
        /// How many blocks after the head are whole.
        var blockCount = 0
        /// Where the last whole block ends.
        var position = 0
        /// What stands there instead of a block.
        var fault: RecordingFault?
    }

    func run() throws {
        var reader = try self.open()
        let survey = try self.survey(&reader)
        let head = survey.head
        let start = Terminal.text(of: head.startedAt)
        self.tell("recorded by hydrogen \(head.serverVersion) from \(start), loops: \(head.loopCount)")
        if head.serverVersion != Version.current {
            Terminal.tell("\(self.name): this is hydrogen \(Version.current): a difference may be one of the programs")
        }
        let began = Clock.instant()
        let replayer = Replayer(head, heldBack: survey.heldBack, keepsMachineSteps: self.trace != nil)
        let stop = try self.play(survey, &reader, replayer)
        self.tellExtent(head, replayer, in: Clock.instant() - began)
        try self.judge(survey, replayer, stop)
    }

    private var name: String { VisibleText.escaped(self.path) }

    private func tell(_ text: String) { print("\(self.name): \(text)") }

    private func open() throws -> RecordingReader {
        do {
            return try RecordingReader.open(self.path)
        } catch {
            Terminal.tell("\(self.name): \(error)")
            throw ExitCode.badConfiguration
        }
    }

    /// Reads the whole file: how far it is whole, and what later blocks say of earlier ones.
    private func survey(_ reader: inout RecordingReader) throws -> Survey {
        var survey: Survey
        do {
            guard let block = try reader.next() else { throw RecordingReadError.fault(.truncated) }
            let head = try RecordingHead(block)
            survey = Survey(head: head, heldBack: HeldBackBytes(loopCount: head.loopCount))
        } catch {
            Terminal.tell("\(self.name): \(error)")
            throw ExitCode.badConfiguration
        }
        do {
            while let block = try reader.next() {
                try survey.heldBack.read(block)
                survey.blockCount += 1
            }
        } catch RecordingReadError.fault(let fault) {
            survey.fault = fault
        } catch let fault as RecordingFault {
            survey.fault = fault
        }
        survey.position = reader.position
        return survey
    }

    /// Does again everything that is whole.
    private func play(
        _ survey: Survey, _ reader: inout RecordingReader, _ replayer: Replayer
    ) throws -> (stop: ReplayStop, position: Int)? {
        var lines = try self.trace.map { try TraceFile($0) }
        try reader.rewind()
        _ = try reader.next()
        for _ in 0..<survey.blockCount {
            let position = reader.position
            guard let block = try reader.next() else { return nil }
            do {
                try replayer.play(block, at: position) { lines?.append($0.line(since: survey.head.startedAt)) }
            } catch {
                try lines?.end()
                return (error, position)
            }
        }
        try lines?.end()
        return nil
    }

    private func tellExtent(_ head: RecordingHead, _ replayer: Replayer, in duration: Interval) {
        let last = (0..<head.loopCount).compactMap { replayer.moment(ofLoop: $0)?.wall.milliseconds }.max()
        let extent = max(0, (last ?? head.startedAt.milliseconds) - head.startedAt.milliseconds)
        let milliseconds = max(1, duration.milliseconds)
        self.tell(
            "replayed \(replayer.stepCount) steps, \(extent.asSeconds) s of recorded time, in"
                + " \(milliseconds.asSeconds) s")
    }

    /// Tells the outcome, and ends with its status.
    private func judge(_ survey: Survey, _ replayer: Replayer, _ stop: (stop: ReplayStop, position: Int)?) throws {
        switch stop?.stop {
        case .difference(let difference):
            self.tell(difference)
            throw ExitCode.failure
        case .fault(let fault):
            Terminal.tell(
                "\(self.name): after byte \(stop?.position ?? 0): \(fault); what stands before it was replayed")
            throw ExitCode.failure
        case nil:
            self.tell("no difference")
        }
        switch (survey.fault, replayer.end) {
        case (let fault?, _):
            Terminal.tell(
                "\(self.name): \(fault); the last good position is byte \(survey.position), and what stands before it"
                    + " was replayed")
            // A server that is killed leaves a part of a block behind; anything else should not be.
            if fault != .truncated { throw ExitCode.failure }
        case (nil, nil):
            Terminal.tell("\(self.name): it has no end: the server was killed, or still records")
        case (nil, let end?):
            self.tell("the recording ended because \(end.text)")
        }
        for loop in replayer.waitingLoops {
            Terminal.tell(
                "\(self.name): the end of loop \(loop) cannot be replayed: it takes mail of a loop of which less was"
                    + " recorded")
        }
        if replayer.brokenRules.isEmpty { return }
        for rule in replayer.brokenRules { Terminal.tell("\(self.name): a rule was broken: \(rule)") }
        throw ExitCode.brokenRule
    }

    private func tell(_ difference: ReplayDifference) {
        let place = "loop \(difference.loop), step \(difference.step), \(Terminal.text(of: difference.moment.wall))"
        Terminal.tell("\(self.name): DIFFERENCE on \(place), in the block at byte \(difference.position)")
        Terminal.tell("  input     \(difference.input)")
        Terminal.tell("  recorded  \(difference.recorded)")
        Terminal.tell("  replayed  \(difference.replayed)")
    }
}

/// A file of lines, written in large pieces. Only its owner can read it.
private struct TraceFile: ~Copyable {
    private let file: OpenFile
    private var bytes: [UInt8] = []
    private var failure: FileError?

    init(_ path: String) throws {
        do {
            self.file = try SafeFile.create(path, replacing: true)
        } catch {
            Terminal.tell("\(error)")
            throw ExitCode.failure
        }
    }

    mutating func append(_ line: String) {
        self.bytes += line.utf8
        self.bytes.append(UInt8(ascii: "\n"))
        if self.bytes.count >= 65_536 { self.write() }
    }

    private mutating func write() {
        do throws(FileError) { try self.file.append(self.bytes) } catch { self.failure = self.failure ?? error }
        self.bytes.removeAll(keepingCapacity: true)
    }

    /// Writes what is left, and says what went wrong since.
    mutating func end() throws {
        self.write()
        guard let failure = self.failure else { return }
        Terminal.tell("\(failure)")
        throw ExitCode.failure
    }
}
