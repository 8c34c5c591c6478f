/// Why the file service refuses a command.
struct FileRefusal: Error {
    let code: ServiceErrorCode
    /// For the log.
    let details: String

    init(_ code: ServiceErrorCode, _ details: String) {
        self.code = code
        self.details = details
    }

    /// What a failed call of the system means to a client.
    init(_ error: SystemError, _ what: String) {
        self.init(error.meaning, "\(what): \(error)")
    }
}
