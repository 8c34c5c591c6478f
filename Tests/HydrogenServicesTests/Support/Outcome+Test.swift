import Foundation
import HydrogenProtocol

@testable import HydrogenServices

extension ServiceAnswer.Outcome {
    var code: ErrorCode? {
        switch self {
        case .success: nil
        case .failure(let code, _): code
        }
    }

    var json: String {
        switch self {
        case .success(let bytes): String(decoding: bytes, as: UTF8.self)
        case .failure(let code, let details): "\(code.qualifiedName): \(details)"
        }
    }

    struct Refused: Error { let code: ErrorCode, details: String }

    /// The data of a success, read as JSON.
    func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        switch self {
        case .success(let bytes): try JSONDecoder().decode(type, from: Data(bytes))
        case .failure(let code, let details): throw Refused(code: code, details: details)
        }
    }
}

func makeCommand(_ action: String, _ data: String, identity: String = "alice") -> Command {
    Command(
        channel: "test", action: action, data: Array(data.utf8), identity: identity, session: "s1",
        timeLeft: .seconds(30))
}
