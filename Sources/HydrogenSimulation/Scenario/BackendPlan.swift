import HydrogenProtocol

/// A backend that publishes through the server API.
package struct BackendPlan: Sendable {
    /// Unique among backends; also the identity whose publish keys its keys are among.
    package var name: String
    /// From one publish to the next, and from the start to the first.
    package var every: Delay
    package var publish: PublishPlan

    package init(name: String, every: Delay, publish: PublishPlan) {
        self.name = name
        self.every = every
        self.publish = publish
    }
}
