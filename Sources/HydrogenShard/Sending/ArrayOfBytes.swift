import HydrogenProtocol

extension [UInt8] {
    init(copying bytes: Span<UInt8>) {
        self = []
        self.append(bytes)
    }

    @inline(__always)
    func isEqual(to other: Span<UInt8>) -> Bool { self.span.isEqual(to: other) }
}
