import HydrogenProtocol

/// What one event loop is told at its start.
package struct LoopConfiguration: Sendable {
    /// The time from accept to the upgrade after which lws itself ends a connection, in seconds. It is to be well behind
    /// the core's own, exact deadline: what lws ends first is counted as lost, and not as late.
    package var handshakeTimeoutSeconds = 10
    /// How late the time-out of a connection may be noticed.
    package var serviceInterval = Interval.milliseconds(20)
    /// nil: no TLS.
    package var tls: TLSFiles?
    /// Whether the sub-protocol `echo` can be selected.
    package var offersEcho = false
    /// The longest chunk of a message that is received at once, in bytes. Each connection holds a buffer of this
    /// size: 1024 cost 2.43 kB per idle connection, 4096 5.46 kB and 0.6 of the CPU under load.
    package var receiveBufferBytes = 1024
    /// How many sockets are accepted before other events get their turn.
    package var maxAcceptsPerPass = 64
    /// How many messages are taken from the mailbox before other events get their turn.
    package var maxMailPerPass = 1024

    package init() {}
}

/// Where the certificate lies, as paths of PEM files.
package struct TLSFiles: Sendable, Hashable {
    /// The certificate, followed by its chain.
    package var certificatePath: String
    package var keyPath: String
    /// Set: only clients with a certificate of this authority are let in.
    package var clientCAPath: String?

    package init(certificatePath: String, keyPath: String, clientCAPath: String? = nil) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        self.clientCAPath = clientCAPath
    }
}

/// What keeps a loop from starting.
package enum TransportError: Error, Sendable, Equatable {
    /// The address is none, is in use or is not ours; the code is of `errno`.
    case listen(address: String, port: UInt16, code: Int32)
    case loop(code: Int32)
    /// lws made no context; the text is its own.
    case context(String)
    case thread(code: Int32)
}

/// What went wrong on a running loop, for the log.
package enum LoopFault: Sendable, Equatable {
    /// No socket could be accepted for want of descriptors or memory: accepting pauses for a second.
    case acceptPaused(code: Int32)
    /// lws could not take an accepted socket.
    case adoptFailed
    /// A new certificate and its key could not be used together: the loop goes on with the old ones.
    case certificatesKept
    /// A mailbox had no place, although one was reserved.
    case mailLost(to: LoopIndex)
}
