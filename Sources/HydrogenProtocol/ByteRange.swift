/// A part of a buffer, by offsets: what the readers yield instead of copies.
package struct ByteRange: Sendable, Hashable {
    package var lowerBound: UInt32
    package var upperBound: UInt32

    package init(_ lowerBound: Int, _ upperBound: Int) {
        self.lowerBound = UInt32(truncatingIfNeeded: lowerBound)
        self.upperBound = UInt32(truncatingIfNeeded: upperBound)
    }

    package static let empty = ByteRange(0, 0)
    package var count: Int { Int(self.upperBound &- self.lowerBound) }
    package var isEmpty: Bool { self.lowerBound == self.upperBound }
    package var indices: Range<Int> { Int(self.lowerBound)..<Int(self.upperBound) }
}
