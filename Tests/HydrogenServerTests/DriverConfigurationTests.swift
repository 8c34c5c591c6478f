import HydrogenConfiguration
import HydrogenProtocol
import Testing

@testable import HydrogenServer

/// What libwebsockets is told of the configuration.
@Suite struct DriverConfigurationTests {
    /// The core ends a handshake, and counts it, before lws would, which has a limit in whole seconds.
    @Test(arguments: [1_000, 1_001, 1_999, 2_000, 10_000, 600_000])
    func lwsGivesAHandshakeUpLaterThanTheCore(_ milliseconds: Int64) {
        var configuration = Configuration()
        configuration.handshakeTimeout = .milliseconds(milliseconds)
        configuration.serviceInterval = .seconds(1)
        let latest = configuration.handshakeTimeout + configuration.serviceInterval
        #expect(.seconds(Int64(configuration.loop.handshakeTimeoutSeconds)) >= latest + .seconds(3))
    }
}
