import HydrogenMetrics

/// The server at a glance: `GET /status`, the command `system/status` and the event `system/status_update` show it.
package struct StatusDocument: Sendable {
    package struct Server: Sendable {
        package var version: String
        package var node: String
        /// RFC 3339, UTC.
        package var startedAt: String
        package var uptimeMilliseconds: Int64

        package init(version: String, node: String, startedAt: String, uptimeMilliseconds: Int64) {
            self.version = version
            self.node = node
            self.startedAt = startedAt
            self.uptimeMilliseconds = uptimeMilliseconds
        }
    }

    package struct Connections: Sendable {
        /// From established to closing.
        package var current: Int64
        /// Accepted since the start.
        package var total: Int64
        /// All states, in the order in which they are to be shown.
        package var byState: [(state: String, count: Int64)]

        package init(current: Int64, total: Int64, byState: [(state: String, count: Int64)]) {
            self.current = current
            self.total = total
            self.byState = byState
        }
    }

    /// Whether the WebSocket side serves.
    package var isRunning: Bool
    package var server: Server
    package var connections: Connections
    package var sessions: (live: Int64, detached: Int64)
    package var messages: (received: Int64, sent: Int64)
    package var errors: (connection: Int64, protocol: Int64, authentication: Int64, application: Int64)
    package var process: ProcessSample

    package init(
        isRunning: Bool, server: Server, connections: Connections, sessions: (live: Int64, detached: Int64),
        messages: (received: Int64, sent: Int64),
        errors: (connection: Int64, protocol: Int64, authentication: Int64, application: Int64),
        process: ProcessSample
    ) {
        self.isRunning = isRunning
        self.server = server
        self.connections = connections
        self.sessions = sessions
        self.messages = messages
        self.errors = errors
        self.process = process
    }

    /// The document as one JSON object in one line: memory in bytes, load as a share of one core.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { document in
            document.member("server_running", self.isRunning)
            document.member("memory_usage", self.process.residentBytes)
            document.member("cpu_load", DecimalNumber(self.process.cpuLoadThousandths, decimals: 3))
            document.member("thread_count", self.process.threadCount)
            document.member("server") { $0.object(self.writeServer) }
            document.member("connections") { $0.object(self.writeConnections) }
            document.member("sessions") {
                $0.object {
                    $0.member("live", self.sessions.live)
                    $0.member("detached", self.sessions.detached)
                }
            }
            document.member("messages") {
                $0.object {
                    $0.member("received", self.messages.received)
                    $0.member("sent", self.messages.sent)
                }
            }
            document.member("errors") { $0.object(self.writeErrors) }
            document.member("process") {
                $0.object {
                    $0.member("cpu_s", DecimalNumber.nanoseconds(self.process.cpuNanoseconds))
                    $0.member("open_fds", self.process.openDescriptorCount)
                }
            }
        }
        return writer.bytes
    }

    private func writeServer(_ writer: inout JSONWriter) {
        writer.member("version", self.server.version)
        writer.member("node", self.server.node)
        writer.member("started_at", self.server.startedAt)
        writer.member("uptime_s", DecimalNumber.milliseconds(self.server.uptimeMilliseconds))
    }

    private func writeConnections(_ writer: inout JSONWriter) {
        writer.member("current", self.connections.current)
        writer.member("total", self.connections.total)
        writer.member("by_state") {
            $0.object { states in
                for entry in self.connections.byState { states.member(entry.state, entry.count) }
            }
        }
    }

    private func writeErrors(_ writer: inout JSONWriter) {
        writer.member("connection", self.errors.connection)
        writer.member("protocol", self.errors.protocol)
        writer.member("authentication", self.errors.authentication)
        writer.member("application", self.errors.application)
    }
}
