import Foundation

/// JSON texts that services make: only objects are `data`.
enum JSONObject {
    /// Why a value is no JSON object. For the log.
    struct EncodingFailure: Error, CustomStringConvertible { let description: String }

    static func encode(_ value: some Encodable) -> Result<[UInt8], EncodingFailure> {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .withoutEscapingSlashes
            let bytes = [UInt8](try encoder.encode(value))
            guard bytes.first == UInt8(ascii: "{") else {
                return .failure(EncodingFailure(description: "\(type(of: value)) does not encode as a JSON object"))
            }
            return .success(bytes)
        } catch {
            return .failure(EncodingFailure(description: "\(type(of: value)): \(error)"))
        }
    }

    /// Whether the bytes are one JSON object in UTF-8.
    static func isValid(_ bytes: [UInt8]) -> Bool {
        // A NUL is never legal in JSON, and is what makes Foundation guess at UTF-16 and UTF-32.
        guard bytes.first(where: { !Self.isWhitespace($0) }) == UInt8(ascii: "{"), !bytes.contains(0),
            String(validating: bytes, as: UTF8.self) != nil
        else { return false }
        return (try? JSONSerialization.jsonObject(with: Data(bytes))) is [String: Any]
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }
}
