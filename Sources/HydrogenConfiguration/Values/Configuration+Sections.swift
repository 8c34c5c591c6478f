import HydrogenProtocol

extension Configuration {
    /// `Services`: the application services that come with the server.
    package struct Services: Sendable, Equatable {
        package var file = File()

        /// `Services.File`.
        package struct File: Sendable, Equatable {
            /// The folder whose files are served; nil: the service is off.
            package var root: String?
        }
    }

    /// `Session`: what outlives a connection.
    package struct Session: Sendable, Equatable {
        package var maxDetached = 10_000
        package var resumeWindow = Interval.seconds(120)
        package var maxSubscriptions = 128
    }

    /// `Delivery`: how events wait, are sent again, and are kept.
    package struct Delivery: Sendable, Equatable {
        package var store = Store.memory
        package var storePath: String?
        package var ackTimeout = Interval.seconds(10)
        package var maxDeliveryAttempts = 8
        package var maxOutboxEvents = 1_000
        package var maxOutboxBytes = 4_194_304
        package var maxSendQueueBytes = 1_048_576
        package var window = 64
        package var maxPublishKeys = 100_000
        package var maxStoreBytes = 1_073_741_824

        /// Where guaranteed events are kept until they are acked.
        package enum Store: String, Sendable, CaseIterable { case memory, durable }
    }

    /// `Metrics`: the HTTP side.
    package struct Metrics: Sendable, Equatable {
        package var enabled = true
        package var port = 9464
        package var interface = "127.0.0.1"
        package var secureMode = SecureMode.none
    }

    /// `Log`: what is written to standard error.
    package struct Log: Sendable, Equatable {
        package var level = Level.info
        package var format = Format.text

        /// The least severe line that is written.
        package enum Level: String, Sendable, CaseIterable {
            case trace, debug, info, notice, warning, error, critical
        }

        /// Lines for people, or JSON objects for machines.
        package enum Format: String, Sendable, CaseIterable { case text, json }
    }
}
