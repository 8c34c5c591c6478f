import HydrogenProtocol

extension [UInt8] {
    @inline(__always)
    func isEqual(to other: Span<UInt8>) -> Bool { self.span.isEqual(to: other) }
}
