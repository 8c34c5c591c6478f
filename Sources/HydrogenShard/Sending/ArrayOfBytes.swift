import HydrogenProtocol

extension [UInt8] {
    init(copying bytes: Span<UInt8>) {
        self = []
        self.append(bytes)
    }
}
