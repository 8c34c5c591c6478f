/// Finds who subscribed to an action, among any number of patterns: a tree of segments. One index serves one channel of
/// one loop. A subscriber is a number, which its user chooses.
///
/// An action's subscribers are found along its segments; how many other patterns there are does not count. Which of
/// them come first depends only on the order of insertions: at each node those of `**`, then the named branch, then
/// that of `*`; at one node in the order in which they came.
package struct TopicIndex: Sendable {
    /// The root is the first; a node that is free is linked from `firstFree` by its `parent`.
    private var nodes: [TopicNode] = [TopicNode()]
    private var edges: TopicEdges
    private var firstFree: UInt32 = 0
    /// How many subscriptions it holds.
    package private(set) var count = 0
    /// How many nodes are in use.
    package private(set) var nodeCount = 1

    /// - Parameter seed: What the hashes of segments depend on: a number that no peer can guess keeps them from
    ///   choosing segments that collide. It has no influence on the order of matches.
    package init(seed: UInt64) {
        self.edges = TopicEdges(seed: seed)
    }

    /// Adds a subscriber under a pattern. One that is added twice is found twice.
    package mutating func insert(_ subscriber: UInt32, under pattern: TopicPattern) {
        var node: UInt32 = 0
        var segments = TopicSegments()
        let text = pattern.text.span
        self.count += 1
        while let range = segments.next(in: text) {
            let segment = text.extracting(range.indices)
            if segment.isEqual(to: "**") { return self.nodes[Int(node)].everythingBelow.append(subscriber) }
            node = self.child(of: node, segment) ?? self.addChild(to: node, segment)
        }
        self.nodes[Int(node)].here.append(subscriber)
    }

    /// Removes a subscriber from a pattern, and every node that is not needed any more.
    ///
    /// - Returns: Whether it was there.
    @discardableResult
    package mutating func remove(_ subscriber: UInt32, under pattern: TopicPattern) -> Bool {
        var node: UInt32 = 0
        var endsWithStars = false
        var segments = TopicSegments()
        let text = pattern.text.span
        while let range = segments.next(in: text) {
            let segment = text.extracting(range.indices)
            if segment.isEqual(to: "**") {
                endsWithStars = true
                break
            }
            guard let child = self.child(of: node, segment) else { return false }
            node = child
        }
        let isRemoved =
            endsWithStars
            ? self.nodes[Int(node)].everythingBelow.removeFirst(subscriber)
            : self.nodes[Int(node)].here.removeFirst(subscriber)
        guard isRemoved else { return false }
        self.count -= 1
        self.prune(from: node)
        return true
    }

    /// Appends each subscriber whose pattern matches an action.
    package func appendMatches(of action: Span<UInt8>, to matches: inout [UInt32]) {
        self.visit(0, TopicSegments(), action, &matches)
    }

    /// As deep as the action has segments: 64 at most.
    private func visit(
        _ node: UInt32, _ segments: TopicSegments, _ action: Span<UInt8>, _ matches: inout [UInt32]
    ) {
        var segments = segments
        guard let range = segments.next(in: action) else {
            matches.append(contentsOf: self.nodes[Int(node)].here)
            return
        }
        matches.append(contentsOf: self.nodes[Int(node)].everythingBelow)
        let starChild = self.nodes[Int(node)].starChild
        // A star is not hashed; it is no name either.
        if self.nodes[Int(node)].childCount > (starChild == 0 ? 0 : 1),
            let child = self.edges.find(action.extracting(range.indices), below: node, in: self.nodes)
        {
            self.visit(child, segments, action, &matches)
        }
        if starChild != 0 { self.visit(starChild, segments, action, &matches) }
    }

    private func child(of node: UInt32, _ segment: Span<UInt8>) -> UInt32? {
        if segment.isEqual(to: "*") {
            let child = self.nodes[Int(node)].starChild
            return child == 0 ? nil : child
        }
        return self.edges.find(segment, below: node, in: self.nodes)
    }

    private mutating func addChild(to parent: UInt32, _ segment: Span<UInt8>) -> UInt32 {
        var node = TopicNode()
        node.parent = parent
        node.segment = [UInt8](segment)
        let index: UInt32
        if self.firstFree != 0 {
            index = self.firstFree
            self.firstFree = self.nodes[Int(index)].parent
            self.nodes[Int(index)] = node
        } else {
            index = UInt32(truncatingIfNeeded: self.nodes.count)
            self.nodes.append(node)
        }
        self.nodeCount += 1
        self.nodes[Int(parent)].childCount += 1
        if segment.isEqual(to: "*") {
            self.nodes[Int(parent)].starChild = index
        } else {
            self.edges.insert(index, segment, below: parent)
        }
        return index
    }

    /// Frees a node and those above it, as far as they hold nothing.
    private mutating func prune(from node: UInt32) {
        var index = node
        while index != 0, self.nodes[Int(index)].isEmpty {
            let parent = self.nodes[Int(index)].parent
            if self.nodes[Int(parent)].starChild == index {
                self.nodes[Int(parent)].starChild = 0
            } else {
                let segment = self.nodes[Int(index)].segment
                self.edges.remove(index, segment.span, below: parent)
            }
            self.nodes[Int(parent)].childCount -= 1
            self.nodes[Int(index)] = TopicNode()
            self.nodes[Int(index)].parent = self.firstFree
            self.firstFree = index
            self.nodeCount -= 1
            index = parent
        }
        if self.nodeCount == 1 {
            // Only the root is left. It takes its memory anew, and the rest goes back.
            self.nodes = [self.nodes[0]]
            self.firstFree = 0
        }
    }
}

/// A place in the tree: the end of a pattern, or a part of the way to one.
struct TopicNode: Sendable {
    var segment: [UInt8] = []
    /// Of a free node: the next free one.
    var parent: UInt32 = 0
    /// The branch of `*`; 0 if there is none.
    var starChild: UInt32 = 0
    var childCount: UInt32 = 0
    /// Those whose pattern ends here.
    var here: [UInt32] = []
    /// Those whose pattern goes on with `**`.
    var everythingBelow: [UInt32] = []

    func isNamed(_ segment: Span<UInt8>) -> Bool { self.segment.span.isEqual(to: segment) }

    var isEmpty: Bool { self.childCount == 0 && self.here.isEmpty && self.everythingBelow.isEmpty }
}

extension [UInt32] {
    /// Removes an element, keeps the order of the others, and gives back memory that is far too much for them.
    fileprivate mutating func removeFirst(_ element: UInt32) -> Bool {
        guard let index = self.firstIndex(of: element) else { return false }
        self.remove(at: index)
        if self.capacity > 16, self.capacity > 4 * self.count { self = self.map { $0 } }
        return true
    }
}
