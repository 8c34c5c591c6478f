/// Takes an input apart. Behind its end everything is zero and empty.
struct InputReader {
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { self.rest = input[...] }

    var isAtEnd: Bool { self.rest.isEmpty }

    mutating func byte() -> UInt8 { self.rest.popFirst() ?? 0 }

    /// From 0 to `bound`, not included.
    mutating func number(below bound: Int) -> Int {
        let number = bound <= 256 ? Int(self.byte()) : Int(self.byte()) << 8 | Int(self.byte())
        return number % bound
    }

    mutating func element<Element>(of list: [Element]) -> Element { list[self.number(below: list.count)] }

    /// What stands before the next line feed, or the end.
    mutating func line() -> [UInt8] {
        let line = self.rest.prefix { $0 != UInt8(ascii: "\n") }
        self.rest = self.rest.dropFirst(line.count + 1)
        return Array(line)
    }

    /// The same, where an empty line means that there is nothing.
    mutating func optionalText() -> String? {
        let line = self.line()
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }

    mutating func remaining() -> [UInt8] {
        defer { self.rest = [] }
        return Array(self.rest)
    }
}
