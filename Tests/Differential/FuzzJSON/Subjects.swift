import CSimdjson
import Foundation
import HydrogenProtocol

/// What our scanner says of a text.
struct OwnVerdict {
    var fault: JSONFault?
    var kind: JSONValue.Kind?
    /// The tree, in the words of `csimdjson_description`.
    var description: [UInt8] = []
    /// Whether a number stands in it that needs more than 64 bits, or is no finite floating point number.
    var hasHugeNumber = false
    /// Whether a number stands in it that is not zero and closer to zero than any normal floating point number.
    var hasTinyNumber = false
    /// How many objects and arrays stand in each other.
    var nesting = 0

    init(_ bytes: [UInt8]) {
        do {
            let value = try JSONScanner.validate(bytes.span, maxDepth: JSONScanner.greatestDepth)
            self.kind = value.kind
            self.describe(value, bytes, depth: 1)
        } catch {
            self.fault = error
        }
    }

    private mutating func describe(_ value: JSONValue, _ bytes: [UInt8], depth: Int) {
        if value.kind == .object || value.kind == .array { self.nesting = max(self.nesting, depth) }
        switch value.kind {
        case .object:
            self.description.append(UInt8(ascii: "{"))
            var members = JSONObjectIterator(value.range)
            while let member = members.next(in: bytes.span) {
                self.describe(member.name, bytes)
                self.describe(member.value, bytes, depth: depth + 1)
            }
            self.description.append(UInt8(ascii: "}"))
        case .array:
            self.description.append(UInt8(ascii: "["))
            var elements = JSONArrayIterator(value.range)
            while let element = elements.next(in: bytes.span) { self.describe(element, bytes, depth: depth + 1) }
            self.description.append(UInt8(ascii: "]"))
        case .string: if let text = value.text { self.describe(text, bytes) }
        case .number: self.describeNumber(value, bytes)
        case .true: self.description.append(UInt8(ascii: "t"))
        case .false: self.description.append(UInt8(ascii: "f"))
        case .null: self.description.append(UInt8(ascii: "n"))
        }
    }

    private mutating func describe(_ text: JSONText, _ bytes: [UInt8]) {
        let decoded = text.decoded(in: bytes.span)
        self.description += "s\(decoded.count):".utf8
        self.description += decoded
    }

    private mutating func describeNumber(_ value: JSONValue, _ bytes: [UInt8]) {
        let text = String(decoding: bytes[value.range.indices], as: UTF8.self)
        let isWrittenWhole = !text.contains { ".eE".contains($0) }
        if isWrittenWhole, let integer = value.integer(in: bytes.span) {
            self.description += "i\(integer);".utf8
            return
        }
        self.description.append(UInt8(ascii: "d"))
        let double = Double(text) ?? 0
        if abs(double) < .leastNormalMagnitude, !JSONNumber(value.range, in: bytes.span).isZero {
            self.hasTinyNumber = true
        }
        if isWrittenWhole ? UInt64(text) == nil : !double.isFinite { self.hasHugeNumber = true }
    }
}

/// What simdjson says.
final class Simdjson {
    private let parser = csimdjson_make()
    let numberError = csimdjson_number_error()

    /// Nil, or the number of its error.
    func error(of bytes: [UInt8]) -> Int32? {
        let error = bytes.withUnsafeBufferPointer { csimdjson_parse(self.parser, $0.baseAddress, $0.count) }
        return error == 0 ? nil : error
    }

    /// The tree of the last text without an error.
    var description: [UInt8] {
        var count = 0
        let start = csimdjson_description(self.parser, &count)
        return Array(UnsafeBufferPointer(start: start, count: count))
    }

    func text(of error: Int32) -> String { String(cString: csimdjson_error_text(error)) }
}

/// What Foundation says, by both of its parsers.
enum FoundationJSON {
    /// Any value, to have the decoder read all of it.
    struct Tree: Decodable {
        struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            if let object = try? decoder.container(keyedBy: Key.self) {
                for key in object.allKeys { _ = try object.decode(Tree.self, forKey: key) }
            } else if var array = try? decoder.unkeyedContainer() {
                while !array.isAtEnd { _ = try array.decode(Tree.self) }
            } else {
                let single = try decoder.singleValueContainer()
                if single.decodeNil() { return }
                if (try? single.decode(Bool.self)) != nil { return }
                if (try? single.decode(String.self)) != nil { return }
                if (try? single.decode(Double.self)) != nil { return }
                _ = try single.decode(Decimal.self)
            }
        }
    }

    static func serialization(_ data: Data) -> Any? {
        try? JSONSerialization.jsonObject(with: data, options: [.fragmentsAllowed])
    }

    static func decoderAccepts(_ data: Data) -> Bool {
        (try? JSONDecoder().decode(Tree.self, from: data)) != nil
    }
}
