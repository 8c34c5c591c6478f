/// The named branches of a tree of topics: a hash table with open addressing from a node and a segment to a child node.
/// It holds indices alone; segments and parents are in the nodes.
struct TopicEdges: Sendable {
    private struct Place: Sendable {
        /// Of the parent and the segment: most others are told apart without a look at their node.
        var hash: UInt32 = 0
        /// Index of the node; 0, the root, which is nobody's child, stands for an empty place.
        var node: UInt32 = 0
    }

    /// A power of two, of which at most half is taken.
    private var places = [Place](repeating: Place(), count: Self.minCount)
    private var count = 0
    private let seed: UInt64

    private static let minCount = 16

    init(seed: UInt64) { self.seed = seed }

    func find(_ segment: Span<UInt8>, below parent: UInt32, in nodes: [TopicNode]) -> UInt32? {
        let mask = self.places.count &- 1
        let hash = self.hash(segment, parent)
        var place = Int(hash) & mask
        while self.places[place].node != 0 {
            if self.places[place].hash == hash {
                let node = self.places[place].node
                if nodes[Int(node)].parent == parent, nodes[Int(node)].isNamed(segment) { return node }
            }
            place = (place &+ 1) & mask
        }
        return nil
    }

    /// Adds a node that is not there yet.
    mutating func insert(_ node: UInt32, _ segment: Span<UInt8>, below parent: UInt32) {
        self.count += 1
        if 2 * self.count > self.places.count { self.resize(to: self.places.count * 2) }
        self.put(Place(hash: self.hash(segment, parent), node: node))
    }

    mutating func remove(_ node: UInt32, _ segment: Span<UInt8>, below parent: UInt32) {
        let mask = self.places.count &- 1
        var hole = Int(self.hash(segment, parent)) & mask
        while self.places[hole].node != node {
            guard self.places[hole].node != 0 else { return }
            hole = (hole &+ 1) & mask
        }
        // Moves back whatever would not be found any more across the hole.
        var place = hole
        while true {
            place = (place &+ 1) & mask
            guard self.places[place].node != 0 else { break }
            let home = Int(self.places[place].hash) & mask
            if (place &- home) & mask >= (place &- hole) & mask {
                self.places[hole] = self.places[place]
                hole = place
            }
        }
        self.places[hole] = Place()
        self.count -= 1
        if self.places.count > Self.minCount, self.count * 8 < self.places.count {
            self.resize(to: self.places.count / 2)
        }
    }

    private mutating func resize(to size: Int) {
        let old = self.places
        self.places = [Place](repeating: Place(), count: size)
        for place in old where place.node != 0 { self.put(place) }
    }

    private mutating func put(_ new: Place) {
        let mask = self.places.count &- 1
        var place = Int(new.hash) & mask
        while self.places[place].node != 0 { place = (place &+ 1) & mask }
        self.places[place] = new
    }

    /// Folds words of the segment into the seed by 128-bit products.
    private func hash(_ segment: Span<UInt8>, _ parent: UInt32) -> UInt32 {
        var hash = Self.fold(self.seed ^ 0x9e37_79b9_7f4a_7c15, UInt64(parent) ^ UInt64(segment.count) << 32)
        var index = 0
        while index &+ 8 <= segment.count {
            hash = Self.fold(hash ^ segment.word(at: index), 0xd6e8_feb8_6659_fd93)
            index &+= 8
        }
        var rest: UInt64 = 0
        while index < segment.count {
            rest = rest &<< 8 | UInt64(segment[index])
            index &+= 1
        }
        return UInt32(truncatingIfNeeded: Self.fold(hash ^ rest, 0xd6e8_feb8_6659_fd93))
    }

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = (left ^ 0xa076_1d64_78bd_642f).multipliedFullWidth(by: right ^ 0xe703_7ed1_a0b4_28db)
        return product.high ^ product.low
    }
}
