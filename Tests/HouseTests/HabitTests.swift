import Foundation
import Testing

/// Habits that a reviewer would otherwise have to look for.
@Suite struct HabitTests {
    static let code = [".swift", ".c", ".h", ".cpp", ".py", ".sh", ".mjs", ".js"]

    /// Every place in the sources, or in those of a target, where a pattern stands in code.
    private func places(of pattern: String, in target: String? = nil) throws -> [String] {
        let regex = try Regex(pattern)
        return (target.map { Repository.sources(of: $0) } ?? Repository.sources).flatMap { $0.places(of: regex) }
    }

    /// Documentation/Architecture.md names them and says why.
    @Test func uncheckedSendableStandsWhereItIsDocumented() throws {
        let document = try Repository.text("Documentation/Architecture.md")
        let paragraph = try #require(document.components(separatedBy: "\n\n").first { $0.contains("`@unchecked Sendable`") })
        let documented = paragraph.matches(of: /`([A-Z]\w+)`/).map { String($0.1) }.filter { $0 != "Sendable" }
        let declared = try self.places(of: "@unchecked Sendable").map { place in
            String(try #require(place.firstMatch(of: /(?:class|struct|enum|extension) (\w+)/)).1)
        }
        #expect(declared.sorted() == documented.sorted())
        #expect(try self.places(of: #"nonisolated\(unsafe\)"#).isEmpty)
    }

    @Test(arguments: [
        #"\btry!"#, #"\bas! "#, #"\bfatalError\b"#, #"\bpreconditionFailure\b"#,
        // A forced unwrap.
        #"[\w\)\]]!(?![=\w])"#,
    ])
    func sourcesDoNotTrapByHabit(_ pattern: String) throws {
        #expect(try self.places(of: pattern) == [])
    }

    /// Nothing ambient decides: time and chance are arguments, and what has no order is not gone through.
    @Test(arguments: ImportTests.core) func theCoreHasNoClockAndNoChance(_ target: String) throws {
        let ambient = #"\b(ContinuousClock|SuspendingClock|SystemRandomNumberGenerator|Hasher\(\)|hashValue|randomElement)\b|\.random\(in: [^,]*\)"#
        #expect(try self.places(of: ambient, in: target) == [])
        let unordered = #"\bin [\w.]+\.(keys|values)\b|\.(keys|values)\.(map|filter|forEach|reduce|first)\b|\bfor \(\w+, \w+\) in self\.\w+ \{"#
        #expect(try self.places(of: unordered, in: target) == [])
    }

    @Test func nothingIsLeftForLater() throws {
        let words = try Regex(#"\b(TODO|FIXME|XXX|HACK)\b"#)
        for folder in Repository.folders where folder != "Tests" {
            for path in try Repository.files(below: folder, endings: Self.code + [".md", ".json"]) {
                #expect(!(try Repository.text(path).contains(words)), "\(path)")
            }
        }
    }

    @Test func filesAreShort() throws {
        var count = 0
        for folder in Repository.folders {
            for path in try Repository.files(below: folder, endings: Self.code) {
                count += 1
                let lines = try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false).count - 1
                #expect(lines <= 500, "\(path) has \(lines) lines")
            }
        }
        #expect(count > 300)
    }

    /// Initializers may be longer: all properties have to be set in them.
    @Test func functionsAreShort() throws {
        let function = try Regex(#"^(\s*)(?:[@\w()\[\]]+ )*(func|init|deinit)\b"#)
        for file in Repository.sources {
            for (start, line) in file.code.enumerated() where line.contains("func ") || line.contains("init") {
                guard let match = line.firstMatch(of: function)?.output, let indent = match[1].substring else { continue }
                // One line, or a requirement without a body.
                guard !line.hasSuffix("}"), let end = file.code[start...].firstIndex(of: indent + "}") else { continue }
                let bound = match[2].substring == "func" ? 70 : 100
                #expect(end - start < bound, "\(file.path):\(start + 1) has \(end - start + 1) lines")
            }
        }
    }

    /// The project speaks of itself alone.
    @Test func noFileSpeaksOfTheWorkplace() throws {
        let folder = "/" + "work/"
        for name in Repository.folders {
            for path in try Repository.files(below: name, endings: Self.code + [".md", ".json", ".yml", ".service"]) {
                #expect(!(try Repository.text(path).contains(folder)), "\(path)")
            }
        }
        #expect(!(try Repository.text("README.md").contains(folder)))
    }
}
