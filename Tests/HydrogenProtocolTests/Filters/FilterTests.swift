import HydrogenProtocol
import Testing

@Suite struct FilterTests {
    private func filter(_ text: String) throws -> Filter {
        let bytes = Array(text.utf8)
        return try Filter(try value(text), in: bytes.span)
    }

    private func matches(_ filter: String, _ data: String) throws -> Bool {
        let filter = try self.filter(filter)
        return filter.matches(data)
    }

    static let refused: [(String, Filter.Fault)] = [
        ("[]", .notAnObject), ("1", .notAnObject), ("null", .notAnObject), ("\"a\"", .notAnObject), (#"{"a":{}}"#, .noOperator),
        (#"{"a":1,"b":{}}"#, .noOperator), (#"{"a":{"equals":1}}"#, .unknownOperator), (#"{"a":{"eq":1,"x":1}}"#, .unknownOperator),
        (#"{"a":{"EQ":1}}"#, .unknownOperator), (#"{"a":{"":1}}"#, .unknownOperator), (#"{"a":{"in":1}}"#, .invalidOperand),
        (#"{"a":{"in":{}}}"#, .invalidOperand), (#"{"a":{"in":null}}"#, .invalidOperand), (#"{"a":{"exists":1}}"#, .invalidOperand),
        (#"{"a":{"exists":null}}"#, .invalidOperand), (#"{"a":{"exists":"true"}}"#, .invalidOperand), (#"{"a":{"exists":[true]}}"#, .invalidOperand),
    ]

    @Test(arguments: refused) func refusesWhatIsNoFilter(_ text: String, _ fault: Filter.Fault) {
        #expect(throws: fault) { try self.filter(text) }
    }

    /// A filter, data, and whether it passes.
    static let decisions: [(String, String, Bool)] = [
        ("{}", "{}", true), ("{}", #"{"a":1}"#, true),
        // A bare value means `eq`, arrays and null among them.
        (#"{"a":1}"#, #"{"a":1}"#, true), (#"{"a":1}"#, #"{"a":2}"#, false), (#"{"a":1}"#, #"{"b":1}"#, false),
        (#"{"a":1}"#, #"{"a":"1"}"#, false), (#"{"a":"x"}"#, #"{"a":"x"}"#, true), (#"{"a":null}"#, #"{"a":null}"#, true),
        (#"{"a":null}"#, "{}", false), (#"{"a":true}"#, #"{"a":true}"#, true), (#"{"a":true}"#, #"{"a":false}"#, false),
        (#"{"a":[1,2]}"#, #"{"a":[1.0,2]}"#, true), (#"{"a":[1,2]}"#, #"{"a":[2,1]}"#, false), (#"{"a":[]}"#, #"{"a":[]}"#, true),
        (#"{"a":[1]}"#, #"{"a":[1,1]}"#, false), (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#, true), (#"{"a":1,"b":2}"#, #"{"a":1}"#, false),
        // Numbers by value, whatever their size and form.
        (#"{"a":10}"#, #"{"a":1e1}"#, true), (#"{"a":0}"#, #"{"a":-0.0e9}"#, true), (#"{"a":0.1}"#, #"{"a":1e-1}"#, true),
        (#"{"a":9007199254740993}"#, #"{"a":9007199254740992}"#, false), (#"{"a":1e400}"#, #"{"a":10e399}"#, true),
        (#"{"a":1e400}"#, #"{"a":1e401}"#, false), (#"{"a":{"gt":0.1}}"#, #"{"a":0.10000000000000000001}"#, true),
        // Strings by code point, without their escapes.
        (#"{"a":"ä"}"#, #"{"a":"\u00e4"}"#, true), (#"{"a":"\/"}"#, #"{"a":"/"}"#, true), (#"{"a":"ä"}"#, #"{"a":"a\u0308"}"#, false),
        (#"{"a":{"lt":"b"}}"#, #"{"a":"a"}"#, true), (#"{"a":{"lt":"b"}}"#, #"{"a":"B"}"#, true), (#"{"a":{"gt":"z"}}"#, #"{"a":"ä"}"#, true),
        (#"{"a":{"gt":"\uffff"}}"#, #"{"a":"😀"}"#, true), (#"{"a":{"lt":"ab"}}"#, #"{"a":"a"}"#, true),
        // Names are read without escapes too, and of members with the same name the last one counts.
        (#"{"\u0061":1}"#, #"{"a":1}"#, true), (#"{"a":1}"#, #"{"\u0061":1}"#, true), (#"{"a":2}"#, #"{"a":1,"a":2}"#, true),
        (#"{"a":1}"#, #"{"a":1,"a":2}"#, false),
        // Order among numbers and among strings, nothing else.
        (#"{"a":{"lt":2}}"#, #"{"a":1}"#, true), (#"{"a":{"lt":2}}"#, #"{"a":2}"#, false), (#"{"a":{"lte":2}}"#, #"{"a":2}"#, true),
        (#"{"a":{"lte":2}}"#, #"{"a":2.5}"#, false), (#"{"a":{"gt":2}}"#, #"{"a":3}"#, true), (#"{"a":{"gt":2}}"#, #"{"a":2}"#, false),
        (#"{"a":{"gte":2}}"#, #"{"a":2.0}"#, true), (#"{"a":{"gte":2}}"#, #"{"a":-3}"#, false), (#"{"a":{"lt":2}}"#, #"{"a":"1"}"#, false),
        (#"{"a":{"gte":null}}"#, #"{"a":null}"#, false), (#"{"a":{"lte":true}}"#, #"{"a":true}"#, false), (#"{"a":{"gte":[1]}}"#, #"{"a":[1]}"#, false),
        (#"{"a":{"lt":2}}"#, "{}", false), (#"{"a":{"gte":1,"lt":3}}"#, #"{"a":2}"#, true), (#"{"a":{"gte":1,"lt":3}}"#, #"{"a":3}"#, false),
        // ne, in, exists, and absence.
        (#"{"a":{"ne":1}}"#, #"{"a":2}"#, true), (#"{"a":{"ne":1}}"#, #"{"a":1.0}"#, false), (#"{"a":{"ne":1}}"#, "{}", true),
        (#"{"a":{"ne":null}}"#, #"{"a":null}"#, false), (#"{"a":{"in":[]}}"#, #"{"a":1}"#, false), (#"{"a":{"in":[1,"x",null]}}"#, #"{"a":"x"}"#, true),
        (#"{"a":{"in":[1,"x",null]}}"#, #"{"a":null}"#, true), (#"{"a":{"in":[1,"x",null]}}"#, #"{"a":2}"#, false), (#"{"a":{"in":[null]}}"#, "{}", false),
        (#"{"a":{"exists":true}}"#, #"{"a":null}"#, true), (#"{"a":{"exists":true}}"#, "{}", false), (#"{"a":{"exists":false}}"#, "{}", true),
        (#"{"a":{"exists":false}}"#, #"{"a":0}"#, false), (#"{"a":{"exists":false,"ne":1}}"#, "{}", true),
        // Objects only by `eq`, `ne` and `in`: whatever the order of members, of repeated ones the last.
        (#"{"a":{"eq":{"x":1,"y":[2]}}}"#, #"{"a":{"y":[2],"x":1.0}}"#, true), (#"{"a":{"eq":{"x":1}}}"#, #"{"a":{"x":1,"y":2}}"#, false),
        (#"{"a":{"eq":{"x":1,"y":2}}}"#, #"{"a":{"x":1}}"#, false), (#"{"a":{"eq":{"x":1}}}"#, #"{"a":{"x":2,"x":1}}"#, true),
        (#"{"a":{"eq":{"x":2,"x":1}}}"#, #"{"a":{"x":1}}"#, true), (#"{"a":{"eq":{}}}"#, #"{"a":{}}"#, true), (#"{"a":{"ne":{}}}"#, #"{"a":[]}"#, true),
        (#"{"a":{"in":[{"x":1}]}}"#, #"{"a":{"x":1}}"#, true),
        // The same member named twice: both must hold.
        (#"{"a":{"gt":1},"a":{"lt":3}}"#, #"{"a":2}"#, true), (#"{"a":{"gt":1},"a":{"lt":3}}"#, #"{"a":3}"#, false),
        // Only top-level members are named.
        (#"{"a.b":1}"#, #"{"a":{"b":1}}"#, false), (#"{"a.b":1}"#, #"{"a.b":1}"#, true), (#"{"":1}"#, #"{"":1}"#, true),
    ]

    @Test(arguments: decisions) func decides(_ filter: String, _ data: String, _ expected: Bool) throws {
        #expect(try self.matches(filter, data) == expected)
    }

    /// A filter keeps what it needs of the text that it was read from, and knows its own by value.
    @Test func standsByItself() throws {
        let text = #"  {"filter":{"a":{"in":[1,2]}},"more":"text"}"#
        let bytes = Array(text.utf8)
        let whole = try value(text)
        let member = whole.member("filter", in: bytes.span)
        let filter = try Filter(try #require(member), in: bytes.span)
        #expect(filter.matches(#"{"a":2}"#))
        #expect(!filter.matches(#"{"a":3}"#))
        #expect(try filter == self.filter(#"{"a":{"in":[1,2]}}"#))
        #expect(try filter != self.filter(#"{"a":{"in":[1,3]}}"#))
    }

    /// Data with many members, in any order, through one table that is used again.
    @Test(arguments: [1, 2, 7, 100, 1_000]) func findsItsMemberAmongMany(_ count: Int) throws {
        var random = SeededGenerator(seed: UInt64(count))
        var table = EventData()
        for _ in 0..<5 {
            let wanted = random.below(count)
            let names = (0..<count).shuffled(using: &random)
            let data = Array("{\(names.map { "\"m\($0)\":\($0)" }.joined(separator: ","))}".utf8)
            table.read(JSONObjectIterator(ByteRange(0, data.count)), in: data.span)
            let isFound = try self.filter("{\"m\(wanted)\":\(wanted)}").matches(&table, in: data.span)
            let isWrong = try self.filter("{\"m\(wanted)\":\(wanted + 1)}").matches(&table, in: data.span)
            let isAbsent = try self.filter("{\"m\(count)\":{\"exists\":false}}").matches(&table, in: data.span)
            #expect(isFound && !isWrong && isAbsent)
        }
    }
}

extension Filter {
    func matches(_ data: String) -> Bool {
        let bytes = Array(data.utf8)
        var table = EventData()
        table.read(JSONObjectIterator(ByteRange(0, bytes.count)), in: bytes.span)
        return self.matches(&table, in: bytes.span)
    }
}
