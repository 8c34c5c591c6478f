import HydrogenProtocol

extension Configuration {
    /// `RateLimits`: token buckets; nil in place of one: that limit does not exist.
    package struct RateLimits: Sendable, Equatable {
        package var connectionsPerAddress: RateLimit? = RateLimit(perSecond: 20, burst: 100)
        package var messagesPerConnection: RateLimit? = RateLimit(perSecond: 100, burst: 200)
        package var bytesPerConnection: RateLimit? = RateLimit(perSecond: 1_048_576, burst: 4_194_304)
        package var messagesPerIdentity: RateLimit? = RateLimit(perSecond: 1_000, burst: 2_000)
        package var maxRateViolations = 30
        package var maxAddresses = 100_000
    }

    /// One token bucket.
    package struct RateLimit: Sendable, Equatable {
        /// Thousandths of a token per second, so that slow rates stay whole numbers.
        package var thousandthsPerSecond: Int
        /// Tokens that an idle bucket holds.
        package var burst: Int
        /// Counts and logs, and refuses nothing.
        package var dryRun = false

        package init(perSecond: Int, burst: Int) {
            self.thousandthsPerSecond = perSecond * 1_000
            self.burst = burst
        }
    }

    /// `Blocking`: when an address or an identity is shut out, and for how long.
    package struct Blocking: Sendable, Equatable {
        /// The offence that blocks, counted within `window`.
        package var after = 50
        package var window = Interval.seconds(60)
        package var duration = Interval.seconds(60)
        package var maximum = Interval.seconds(86_400)
        /// Counts and logs, and blocks nobody.
        package var dryRun = false

        package init() {}
    }
}

extension Configuration.RateLimit? {
    /// The limit, made where there was none: for the keys below it in the table.
    var made: Configuration.RateLimit {
        get { self ?? Configuration.RateLimit(perSecond: 1, burst: 1) }
        set { self = newValue }
    }
}

extension Configuration.Blocking? {
    /// The block, made where there was none: for the keys below it in the table.
    var made: Configuration.Blocking {
        get { self ?? Configuration.Blocking() }
        set { self = newValue }
    }
}
