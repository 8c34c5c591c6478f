/// How much of a message is left for `data`.
package enum ServiceSizes {
    /// What a response or an event needs around its data at most: an id of 128 bytes that escapes to twice as many,
    /// channel and action at their longest, time stamp, member names.
    package static let envelopeBytes = 640

    /// The largest `data` in a message of `maximumMessageBytes`; never less than 256, so that a small answer to a
    /// short id fits in any case.
    package static func maximumDataBytes(maximumMessageBytes: Int) -> Int {
        max(256, maximumMessageBytes - Self.envelopeBytes)
    }
}
