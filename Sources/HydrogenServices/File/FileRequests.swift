/// What the actions of the file service take as `data`.
enum FileRequest {
    struct List: Decodable {
        var path: String?
        var limit: Int?
        var after: String?
    }

    struct Stat: Decodable {
        var path: String
    }

    struct Read: Decodable {
        var path: String
        var offset: Int?
        var length: Int?
        var encoding: FileEncoding?
    }

    struct Write: Decodable {
        var path: String
        var data: String
        var encoding: FileEncoding?
        var create: FileCreation?
        var parents: Bool?
        var upload: String?
        var offset: Int?
        var final: Bool?
    }

    struct Delete: Decodable {
        var path: String
    }

    struct Move: Decodable {
        var from: String
        var to: String
        var overwrite: Bool?
        var parents: Bool?
    }
}

/// How bytes of a file stand in a JSON string.
enum FileEncoding: String, Decodable, Sendable {
    /// RFC 4648 §4, with padding.
    case base64
    /// The file's own UTF-8.
    case text
}

/// Whether a write may make a file, or replace one.
enum FileCreation: String, Decodable, Sendable {
    /// Both.
    case always
    /// Make only: a file that is there is a conflict.
    case new
    /// Replace only: a file that is not there is not found.
    case never
}
