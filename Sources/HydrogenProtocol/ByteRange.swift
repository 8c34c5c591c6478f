/// A part of a buffer, by offsets: what the readers yield instead of copies.
@usableFromInline
package struct ByteRange: Sendable, Hashable {
    @usableFromInline package var lowerBound: UInt32
    @usableFromInline package var upperBound: UInt32

    @inlinable
    package init(_ lowerBound: Int, _ upperBound: Int) {
        self.lowerBound = UInt32(truncatingIfNeeded: lowerBound)
        self.upperBound = UInt32(truncatingIfNeeded: upperBound)
    }

    package static let empty = ByteRange(0, 0)
    @inlinable package var count: Int { Int(self.upperBound &- self.lowerBound) }
    @inlinable package var isEmpty: Bool { self.lowerBound == self.upperBound }
    @inlinable package var indices: Range<Int> { Int(self.lowerBound)..<Int(self.upperBound) }
}
