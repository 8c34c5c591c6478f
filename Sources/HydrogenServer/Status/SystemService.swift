import HydrogenServices

/// What of channel `system` needs the whole server, and so is not answered by a loop.
struct SystemService: Service {
    let actions = [Action("status", "Return the status document.")]
    let status: @Sendable () -> [UInt8]

    func handle(_ command: Command, reply: consuming Reply) { reply.succeed(json: self.status()) }
}
