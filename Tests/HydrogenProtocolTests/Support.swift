import HydrogenProtocol

/// What a text is found to be: `Span` values cannot go into `#expect`, so tests ask here.
func scan(_ bytes: [UInt8], maxDepth: Int = 32) -> Result<JSONValue, JSONFault> {
    do { return .success(try JSONScanner.validate(bytes.span, maxDepth: maxDepth)) } catch { return .failure(error) }
}

func scan(_ text: String, maxDepth: Int = 32) -> Result<JSONValue, JSONFault> {
    scan(Array(text.utf8), maxDepth: maxDepth)
}

/// The value of a text that is known to be valid.
func value(_ text: String) throws -> JSONValue {
    try scan(text, maxDepth: JSONScanner.greatestDepth).get()
}

/// What an appending function writes.
func written(_ body: (inout [UInt8]) -> Void) -> String {
    var out: [UInt8] = []
    body(&out)
    return String(decoding: out, as: UTF8.self)
}

extension JSONFault {
    var kindAndOffset: String { "\(self.kind) \(self.offset)" }
}

extension Result where Success == JSONValue, Failure == JSONFault {
    var fault: JSONFault? {
        switch self {
        case .success: nil
        case .failure(let fault): fault
        }
    }
}
