import HydrogenConfiguration
import HydrogenProtocol
import HydrogenSimulation

extension ScenarioFile {
    /// The file as JSON text, with some members replaced.
    func json(replacing replacements: [(name: String, json: String)]) -> String {
        let replaced = Set(replacements.map(\.name))
        let members = self.members.filter { !replaced.contains($0.name) } + replacements
        return "{\(members.map { "\(JSONText.quoted($0.name)): \($0.json)" }.joined(separator: ", "))}"
    }

    /// The file for one run alone.
    package func json(of run: Run) -> String {
        self.json(replacing: [("Seeds", "[\(run.seed)]"), ("Swarm", "\(run.isSwarm)")])
    }
}

extension Shrinker.Outcome {
    /// Whether a scenario file has room for the names of what is left.
    package var isListed: Bool { self.inputs.count <= ScenarioTable.maxInputCount }

    /// A scenario file that repeats it by itself: with the inputs that are left or, where they are too many for one, with
    /// all that the seed draws.
    package func scenario(of run: Run) -> String {
        let what =
            "Shrunk from \(run.file.scenario.name), seed \(run.seed): \(self.inputs.count) of \(self.originalCount) inputs"
            + "\(self.isListed ? "" : ", too many to list"). Rule \(self.violation.rule): \(self.violation.text)"
        let description = VisibleText.escaped(what).unicodeScalars.prefix(1_000)
        let text = run.file.json(
            replacing: [
                ("Description", JSONText.quoted(String(String.UnicodeScalarView(description)))), ("Seeds", "[\(run.seed)]"),
                ("Swarm", "\(run.isSwarm)"), ("Expectations", "[]"),
            ] + (self.isListed ? self.members(of: run) : []))
        return "// \(VisibleText.escaped(run.command))\n\(self.isListed ? self.comments : "")\(JSONLayout.pretty(text))\n"
    }

    /// What makes the scenario as short as the inputs allow.
    private func members(of run: Run) -> [(name: String, json: String)] {
        let names = self.inputs.map { JSONText.quoted($0.id.text) }.joined(separator: ", ")
        let timeline = run.file.scenario.timeline.map(\.at).max() ?? .zero
        return [("Duration", "\"\(SpanText.text(of: max(self.duration, timeline)))\""), ("Inputs", "[\(names)]")]
    }

    private var comments: String {
        self.inputs.map { "// \($0.id.text): \(VisibleText.escaped($0.text))\n" }.joined()
    }
}
