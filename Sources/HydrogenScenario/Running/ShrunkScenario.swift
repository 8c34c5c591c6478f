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
    /// A scenario file that repeats it by itself.
    package func scenario(of run: Run) -> String {
        let what =
            "Shrunk from \(run.file.scenario.name), seed \(run.seed): \(self.inputs.count) of \(self.originalCount) inputs. "
            + "Rule \(self.violation.rule): \(self.violation.text)"
        let names = self.inputs.map { JSONText.quoted($0.id.text) }.joined(separator: ", ")
        let timeline = run.file.scenario.timeline.map(\.at).max() ?? .zero
        let text = run.file.json(replacing: [
            ("Description", JSONText.quoted(VisibleText.escaped(String(what.prefix(1_000))))),
            ("Duration", "\"\(SpanText.text(of: max(self.duration, timeline)))\""), ("Seeds", "[\(run.seed)]"),
            ("Swarm", "\(run.isSwarm)"), ("Inputs", "[\(names)]"), ("Expectations", "[]"),
        ])
        let comments = self.inputs.map { "// \($0.id.text): \(VisibleText.escaped($0.text))\n" }.joined()
        return "// \(VisibleText.escaped(run.command))\n\(comments)\(JSONLayout.pretty(text))\n"
    }
}
