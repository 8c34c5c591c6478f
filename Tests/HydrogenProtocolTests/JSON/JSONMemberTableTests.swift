import HydrogenProtocol
import Testing

@Suite struct JSONMemberTableTests {
    private func table(_ text: String) -> JSONMemberTable {
        let bytes = Array(text.utf8)
        var table = JSONMemberTable()
        table.read(JSONObjectIterator(ByteRange(0, bytes.count)), in: bytes.span)
        return table
    }

    private func find(_ name: String, in text: String) -> String? {
        let bytes = Array(text.utf8)
        var table = self.table(text)
        return table.value(of: Array(name.utf8).span, in: bytes.span).map {
            String(decoding: bytes[$0.range.indices], as: UTF8.self)
        }
    }

    @Test func findsMembersByName() {
        let text = #"{"b":1,"a":[2],"":"x","\u00e4":null,"ab":{}}"#
        #expect(self.find("a", in: text) == "[2]")
        #expect(self.find("b", in: text) == "1")
        #expect(self.find("", in: text) == "\"x\"")
        #expect(self.find("ä", in: text) == "null")
        #expect(self.find("ab", in: text) == "{}")
        for name in ["c", "aa", "abc", "B", "\u{e5}"] { #expect(self.find(name, in: text) == nil) }
        #expect(self.find("a", in: "{}") == nil)
    }

    @Test func ofMembersWithTheSameNameTheLastOneCounts() {
        #expect(self.find("a", in: #"{"a":1,"b":0,"\u0061":2,"a":3,"c":0}"#) == "3")
        #expect(self.find("a", in: #"{"a":3,"\u0061":2}"#) == "2")
    }

    /// Against a dictionary, for objects of any size and order with names that repeat.
    @Test(arguments: [1, 2, 3, 5, 17, 200]) func agreesWithADictionary(_ count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        for _ in 0..<10 {
            var expected: [String: Int] = [:]
            var members: [String] = []
            for number in 0..<count {
                let name = "n\(random.below(count))"
                expected[name] = number
                members.append("\"\(name)\":\(number)")
            }
            let text = "{\(members.joined(separator: ","))}"
            let bytes = Array(text.utf8)
            var table = self.table(text)
            #expect(table.count == count)
            let hasRepeated = table.hasRepeatedName(from: 0, in: bytes.span)
            #expect(hasRepeated == (expected.count < count))
            table.removeRepeated(in: bytes.span)
            #expect(table.count == expected.count)
            for place in 0..<count {
                #expect(self.find("n\(place)", in: text) == expected["n\(place)"].map(String.init))
            }
            // What is left is sorted.
            let names = (0..<table.count).map { table[$0].name.string(in: bytes.span) }
            #expect(names == expected.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
        }
    }

    @Test func looksForRepeatedNamesFromAPlaceOn() {
        let bytes = Array(#"{"a":1,"a":2,"b":3,"c":4}"#.utf8)
        var table = self.table(String(decoding: bytes, as: UTF8.self))
        let behind = table.hasRepeatedName(from: 2, in: bytes.span)
        let one = table.hasRepeatedName(from: 3, in: bytes.span)
        let all = table.hasRepeatedName(from: 0, in: bytes.span)
        #expect(!behind && !one && all)
        table.removeLast(to: 2)
        #expect(table.count == 2)
        table.removeLast(to: 5)
        #expect(table.count == 2)
        table.removeAll()
        #expect(table.count == 0)
    }

    @Test func valuesGiveTheirParts() throws {
        let text = #"{"a":true,"b":[1,"x"],"a":false,"o":{"n":null}}"#
        let bytes = Array(text.utf8)
        let object = try value(text)
        #expect(object.member("a", in: bytes.span)?.bool == false)
        #expect(object.member("x", in: bytes.span) == nil)
        #expect(object.member("b", in: bytes.span)?.member("a", in: bytes.span) == nil)
        #expect(object.elements == nil)
        #expect(object.text == nil)
        var elements = try #require(object.member("b", in: bytes.span)?.elements)
        var kinds: [JSONValue.Kind] = []
        while let element = elements.next(in: bytes.span) { kinds.append(element.kind) }
        #expect(kinds == [.number, .string])
        #expect(object.member("o", in: bytes.span)?.member("n", in: bytes.span)?.kind == .null)
    }
}
