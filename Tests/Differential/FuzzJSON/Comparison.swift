import Foundation
import HydrogenProtocol

/// Gives each text to all, and says where they differ without a known reason.
struct Comparison {
    var generator: TextGenerator
    private let simdjson = Simdjson()
    private var reader = EnvelopeReader()
    private var acceptedCount = 0
    private var rightEnvelopeCount = 0
    private var explained: [Int] = Array(repeating: 0, count: KnownDifference.allCases.count)

    init(samples: [[UInt8]]) {
        self.generator = TextGenerator(random: SeededGenerator(seed: 0), samples: samples)
    }

    /// The text of a place in the run of a seed: each can be made again alone.
    mutating func text(seed: UInt64, index: UInt64) -> [UInt8] {
        self.generator.random = SeededGenerator(seed: seed ^ (index &* 0xd134_2543_de82_ef95))
        return self.generator.next()
    }

    var summary: String {
        let reasons = KnownDifference.allCases.map { "\($0.rawValue) \(self.explained[$0.index])" }
        return "\(self.acceptedCount) valid, \(self.rightEnvelopeCount) right envelopes, explained: "
            + reasons.joined(separator: ", ")
    }

    mutating func difference(on bytes: [UInt8]) -> String? {
        let own = OwnVerdict(bytes)
        if own.fault == nil { self.acceptedCount += 1 }
        if let difference = self.differenceFromSimdjson(bytes, own) { return difference }
        if let known = KnownDifference.ofAsking(bytes) {
            self.explained[known.index] += 1
            return own.fault == nil ? "Foundation cannot be asked, we accept" : self.differenceOfReader(bytes, own, nil)
        }
        let data = Data(bytes)
        let value = FoundationJSON.serialization(data)
        if (value != nil) != (own.fault == nil) {
            guard self.explain(KnownDifference.ofSerialization(bytes, own)) else {
                return "JSONSerialization \(value == nil ? "refuses" : "accepts"), we say \(Self.text(of: own))"
            }
        }
        if FoundationJSON.decoderAccepts(data) != (own.fault == nil) {
            guard self.explain(KnownDifference.ofDecoder(bytes, own, othersRefuse: value == nil)) else {
                return "JSONDecoder \(own.fault == nil ? "refuses" : "accepts"), we say \(Self.text(of: own))"
            }
        }
        return self.differenceOfReader(bytes, own, value)
    }

    private mutating func differenceFromSimdjson(_ bytes: [UInt8], _ own: OwnVerdict) -> String? {
        let error = self.simdjson.error(of: bytes)
        if let error {
            guard own.fault == nil else { return nil }
            let known = error == self.simdjson.numberError && own.hasHugeNumber ? KnownDifference.hugeNumber : nil
            return self.explain(known)
                ? nil : "simdjson refuses (\(self.simdjson.text(of: error))), we say \(Self.text(of: own))"
        }
        guard own.fault == nil else {
            return self.explain(KnownDifference.ofSimdjson(bytes, own))
                ? nil : "simdjson accepts, we say \(Self.text(of: own))"
        }
        let theirs = self.simdjson.description
        guard theirs != own.description else { return nil }
        return "simdjson reads \(String(decoding: theirs, as: UTF8.self).debugDescription), "
            + "we \(String(decoding: own.description, as: UTF8.self).debugDescription)"
    }

    /// The reader must agree with the scanner, and find what Foundation finds.
    private mutating func differenceOfReader(_ bytes: [UInt8], _ own: OwnVerdict, _ value: Any?) -> String? {
        let fault = self.reader.read(bytes.span, maxDepth: 32)
        let expected: ErrorCode? =
            switch (own.fault?.kind, own.kind) {
            case (.tooDeep, _): .tooDeep
            case (_?, _): .malformedJSON
            case (nil, .object?): own.nesting > 32 ? .tooDeep : nil
            case (nil, _): .notAnObject
            }
        if let expected {
            return fault?.code == expected ? nil : "the reader says \(String(describing: fault)), not \(expected)"
        }
        guard fault == nil, let object = value as? [String: Any] else { return nil }
        self.rightEnvelopeCount += 1
        let envelope = self.reader.envelope
        let auth = object["auth"] as? [String: Any]
        var texts = [
            ("id", object["id"], envelope.id), ("timestamp", object["timestamp"], envelope.timestamp),
            ("token", auth?["token"], envelope.token), ("signature", auth?["signature"], envelope.signature),
        ]
        if envelope.kind == .command {
            texts.append(("channel", object["channel"], envelope.channel))
            texts.append(("action", object["action"], envelope.action))
        }
        for (name, theirs, own) in texts {
            let text = own?.string(in: bytes.span)
            if theirs as? String == text || self.explain(KnownDifference.ofMembers(bytes)) { continue }
            return "the envelope's \(name): \(String(describing: theirs)), and we say \(String(describing: text))"
        }
        return nil
    }

    private mutating func explain(_ known: KnownDifference?) -> Bool {
        guard let known else { return false }
        self.explained[known.index] += 1
        return true
    }

    private static func text(of own: OwnVerdict) -> String {
        guard let fault = own.fault else { return "valid" }
        return "\(fault.text) at \(fault.offset)"
    }
}
