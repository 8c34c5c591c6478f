/// The named branches of a tree of topics: a hash table with open addressing from a node and a segment to a child node.
/// It holds indices alone; segments and parents are in the nodes.
struct TopicEdges: Sendable {
    /// Indices of nodes; 0, the root, which is nobody's child, stands for an empty place. A power of two.
    private var places: [UInt32] = Array(repeating: 0, count: Self.minCount)
    private var count = 0
    private let seed: UInt64

    private static let minCount = 16

    init(seed: UInt64) { self.seed = seed }

    func find<Subscriber>(
        _ segment: Span<UInt8>, below parent: UInt32, in nodes: [TopicNode<Subscriber>]
    ) -> UInt32? {
        let mask = self.places.count &- 1
        var place = self.hash(segment, parent) & mask
        while self.places[place] != 0 {
            let index = self.places[place]
            if nodes[Int(index)].parent == parent, nodes[Int(index)].isNamed(segment) { return index }
            place = (place &+ 1) & mask
        }
        return nil
    }

    /// Adds a node that is not there yet.
    mutating func insert<Subscriber>(_ index: UInt32, in nodes: [TopicNode<Subscriber>]) {
        if 2 * (self.count + 1) > self.places.count { self.resize(to: self.places.count * 2, nodes) }
        self.put(index, nodes)
        self.count += 1
    }

    mutating func remove<Subscriber>(_ index: UInt32, in nodes: [TopicNode<Subscriber>]) {
        let mask = self.places.count &- 1
        var hole = self.home(of: index, nodes)
        while self.places[hole] != index {
            guard self.places[hole] != 0 else { return }
            hole = (hole &+ 1) & mask
        }
        // Moves back whatever would not be found any more across the hole.
        var place = hole
        while true {
            place = (place &+ 1) & mask
            guard self.places[place] != 0 else { break }
            let home = self.home(of: self.places[place], nodes)
            if (place &- home) & mask >= (place &- hole) & mask {
                self.places[hole] = self.places[place]
                hole = place
            }
        }
        self.places[hole] = 0
        self.count -= 1
        if self.places.count > Self.minCount, self.count * 8 < self.places.count {
            self.resize(to: self.places.count / 2, nodes)
        }
    }

    private mutating func resize<Subscriber>(to size: Int, _ nodes: [TopicNode<Subscriber>]) {
        let old = self.places
        self.places = Array(repeating: 0, count: size)
        for index in old where index != 0 { self.put(index, nodes) }
    }

    private mutating func put<Subscriber>(_ index: UInt32, _ nodes: [TopicNode<Subscriber>]) {
        let mask = self.places.count &- 1
        var place = self.home(of: index, nodes)
        while self.places[place] != 0 { place = (place &+ 1) & mask }
        self.places[place] = index
    }

    private func home<Subscriber>(of index: UInt32, _ nodes: [TopicNode<Subscriber>]) -> Int {
        let segment = nodes[Int(index)].segment
        return self.hash(segment.span, nodes[Int(index)].parent) & (self.places.count &- 1)
    }

    /// Folds words of the segment into the seed by 128-bit products.
    private func hash(_ segment: Span<UInt8>, _ parent: UInt32) -> Int {
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
        hash = Self.fold(hash ^ rest, 0xd6e8_feb8_6659_fd93)
        return Int(truncatingIfNeeded: hash &>> 1)
    }

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = (left ^ 0xa076_1d64_78bd_642f).multipliedFullWidth(by: right ^ 0xe703_7ed1_a0b4_28db)
        return product.high ^ product.low
    }
}
