import HydrogenProtocol

/// A frame that a server sent: unmasked, so that its payload is read where it lies (RFC 6455 §5.2).
struct ServerFrame {
    var opcode: UInt8
    var isFinal: Bool
    var payload: Range<Int>

    static let close: UInt8 = 0x8
    static let ping: UInt8 = 0x9
    static let pong: UInt8 = 0xa

    /// What the bytes from an offset on begin with.
    enum Reading {
        case frame(ServerFrame)
        /// The frame is not whole yet.
        case incomplete
        /// A mask, or reserved bits: no server sends such a frame.
        case malformed
    }

    @inline(__always)
    static func read(_ bytes: Span<UInt8>, from offset: Int) -> Reading {
        guard offset &+ 2 <= bytes.count else { return .incomplete }
        let first = bytes[offset]
        guard first & 0x70 == 0, bytes[offset &+ 1] & 0x80 == 0 else { return .malformed }
        var count = Int(bytes[offset &+ 1])
        var start = offset &+ 2
        if count >= 126 {
            let byteCount = count == 126 ? 2 : 8
            guard start &+ byteCount <= bytes.count else { return .incomplete }
            count = 0
            for index in start..<start &+ byteCount { count = count &<< 8 | Int(bytes[index]) }
            guard count >= 0 else { return .malformed }
            start &+= byteCount
        }
        guard bytes.count &- start >= count else { return .incomplete }
        return .frame(ServerFrame(opcode: first & 0x0f, isFinal: first & 0x80 != 0, payload: start..<start &+ count))
    }
}

/// Writes a client's frames: each under a mask of its own (RFC 6455 §5.3).
struct ClientFrameWriter {
    /// What is to leave next.
    var bytes: [UInt8] = []
    /// The state of the masks: quick, since nothing depends on whether they can be guessed here. Never 0, and neither is
    /// a mask: some servers skip one of 0, which would flatter them.
    private var maskState: UInt64

    init(seed: UInt64) { self.maskState = seed | 1 }

    /// Offers everything to a socket.
    func write(to socket: ClientSocket) -> ClientSocket.Outcome { socket.write(self.bytes.span) }

    mutating func append(_ opcode: UInt8, _ payload: Span<UInt8>) {
        self.bytes.append(0x80 | opcode)
        switch payload.count {
        case ..<126:
            self.bytes.append(0x80 | UInt8(payload.count))
        case ...0xffff:
            self.bytes.append(0x80 | 126)
            self.appendBigEndian(payload.count, byteCount: 2)
        default:
            self.bytes.append(0x80 | 127)
            self.appendBigEndian(payload.count, byteCount: 8)
        }
        let mask = self.nextMask()
        self.appendBigEndian(Int(mask.byteSwapped), byteCount: 4)
        let start = self.bytes.count
        self.bytes.append(payload)
        self.mask(from: start, with: mask)
    }

    /// A close frame of code 1000.
    mutating func appendClose() {
        let normalClosure: [UInt8] = [0x03, 0xe8]
        self.append(ServerFrame.close, normalClosure.span)
    }

    /// Eight bytes at a time.
    private mutating func mask(from start: Int, with mask: UInt32) {
        let wide = UInt64(mask) << 32 | UInt64(mask)
        unsafe self.bytes.withUnsafeMutableBytes { bytes in
            var index = start
            while index &+ 8 <= bytes.count {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                unsafe bytes.storeBytes(of: word ^ wide.littleEndian, toByteOffset: index, as: UInt64.self)
                index &+= 8
            }
            while index < bytes.count {
                unsafe bytes[index] ^= UInt8(truncatingIfNeeded: mask >> UInt32(8 * ((index &- start) & 3)))
                index &+= 1
            }
        }
    }

    /// Xorshift.
    private mutating func nextMask() -> UInt32 {
        self.maskState ^= self.maskState << 13
        self.maskState ^= self.maskState >> 7
        self.maskState ^= self.maskState << 17
        return UInt32(truncatingIfNeeded: self.maskState >> 16) | 1
    }

    private mutating func appendBigEndian(_ value: Int, byteCount: Int) {
        for index in (0..<byteCount).reversed() { self.bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
}
