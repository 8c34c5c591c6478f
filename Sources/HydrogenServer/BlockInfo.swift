import Foundation
import HydrogenShard

/// One block, as an operator sees it.
public struct BlockInfo: Sendable {
    /// An IPv4 address, or an IPv6 network of 64 bits.
    public let address: String
    /// The identity that is blocked at this address; nil when it is the address itself.
    public let identity: String?
    /// What the last offence was about: `authentication`, `protocol` or `rate`.
    public let reason: String
    public let since: Date
    /// How long it lasts, in seconds.
    public let duration: Double

    init(_ block: BlockDescription) {
        self.address = block.offender.address.text
        self.identity = block.offender.identity
        self.reason = block.reason.label
        self.since = Date(timeIntervalSince1970: Double(block.since.milliseconds) / 1000)
        self.duration = Double(block.duration.milliseconds) / 1000
    }
}
