/// Finds who subscribed to an action, among any number of patterns: a tree of segments. One index serves one channel of
/// one loop.
///
/// An action's subscribers are found along its segments; how many other patterns there are does not count. Whom a
/// match visits first depends only on the order of insertions: at each node those of `**`, then the named branch, then
/// that of `*`; at one node in the order in which they came.
package struct TopicIndex<Subscriber: Sendable & BitwiseCopyable & Equatable>: Sendable {
    /// The root is the first; a node that is free is linked from `firstFree` by its `parent`.
    private var nodes: [TopicNode<Subscriber>] = [TopicNode()]
    private var edges: TopicEdges
    private var firstFree: UInt32 = 0
    /// How many subscriptions it holds.
    package private(set) var count = 0

    /// - Parameter seed: What the hashes of segments depend on: a number that no peer can guess keeps them from
    ///   choosing segments that collide. It has no influence on the order of matches.
    package init(seed: UInt64 = 0) {
        self.edges = TopicEdges(seed: seed)
    }

    /// How many nodes are in use.
    package private(set) var nodeCount = 1

    /// Adds a subscriber under a pattern. One that is added twice is visited twice.
    package mutating func insert(_ subscriber: Subscriber, under pattern: TopicPattern) {
        var node: UInt32 = 0
        var segments = TopicSegments()
        let text = pattern.text.span
        while let range = segments.next(in: text) {
            let segment = text.extracting(range.indices)
            if segment.isEqual(to: "**") {
                self.nodes[Int(node)].everythingBelow.append(subscriber)
                self.count += 1
                return
            }
            node = self.child(of: node, segment) ?? self.addChild(to: node, segment)
        }
        self.nodes[Int(node)].here.append(subscriber)
        self.count += 1
    }

    /// Removes a subscriber from a pattern, and every node that is not needed any more.
    ///
    /// - Returns: Whether it was there.
    @discardableResult
    package mutating func remove(_ subscriber: Subscriber, under pattern: TopicPattern) -> Bool {
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

    /// Calls `body` for each subscription whose pattern matches an action.
    package func forEachMatch(of action: Span<UInt8>, _ body: (Subscriber) -> Void) {
        self.visit(0, TopicSegments(), action, body)
    }

    /// As deep as the action has segments: 64 at most.
    private func visit(
        _ node: UInt32, _ segments: TopicSegments, _ action: Span<UInt8>, _ body: (Subscriber) -> Void
    ) {
        var segments = segments
        guard let range = segments.next(in: action) else {
            for index in self.nodes[Int(node)].here.indices { body(self.nodes[Int(node)].here[index]) }
            return
        }
        for index in self.nodes[Int(node)].everythingBelow.indices {
            body(self.nodes[Int(node)].everythingBelow[index])
        }
        guard self.nodes[Int(node)].childCount > 0 else { return }
        let starChild = self.nodes[Int(node)].starChild
        // A star is not hashed; it is no name either.
        if self.nodes[Int(node)].childCount > (starChild == 0 ? 0 : 1),
            let child = self.edges.find(action.extracting(range.indices), below: node, in: self.nodes)
        {
            self.visit(child, segments, action, body)
        }
        if starChild != 0 { self.visit(starChild, segments, action, body) }
    }

    private func child(of node: UInt32, _ segment: Span<UInt8>) -> UInt32? {
        if segment.isEqual(to: "*") {
            let child = self.nodes[Int(node)].starChild
            return child == 0 ? nil : child
        }
        return self.edges.find(segment, below: node, in: self.nodes)
    }

    private mutating func addChild(to parent: UInt32, _ segment: Span<UInt8>) -> UInt32 {
        var node = TopicNode<Subscriber>()
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
            self.edges.insert(index, in: self.nodes)
        }
        return index
    }

    /// Frees a node and those above it, as far as they hold nothing.
    private mutating func prune(from start: UInt32) {
        var index = start
        while index != 0, self.nodes[Int(index)].isEmpty {
            let parent = self.nodes[Int(index)].parent
            if self.nodes[Int(parent)].starChild == index {
                self.nodes[Int(parent)].starChild = 0
            } else {
                self.edges.remove(index, in: self.nodes)
            }
            self.nodes[Int(parent)].childCount -= 1
            self.nodes[Int(index)] = TopicNode()
            self.nodes[Int(index)].parent = self.firstFree
            self.firstFree = index
            self.nodeCount -= 1
            index = parent
        }
        if self.nodeCount == 1 {
            self.nodes.removeSubrange(1...)
            if self.nodes.capacity > 64 { self.nodes = Array(self.nodes) }
            self.firstFree = 0
        }
    }
}

/// A place in the tree: the end of a pattern, or a part of the way to one.
struct TopicNode<Subscriber: Sendable & BitwiseCopyable & Equatable>: Sendable {
    var segment: [UInt8] = []
    /// Of a free node: the next free one.
    var parent: UInt32 = 0
    /// The branch of `*`; 0 if there is none.
    var starChild: UInt32 = 0
    var childCount: UInt32 = 0
    /// Those whose pattern ends here.
    var here: [Subscriber] = []
    /// Those whose pattern goes on with `**`.
    var everythingBelow: [Subscriber] = []

    func isNamed(_ segment: Span<UInt8>) -> Bool { self.segment.span.isEqual(to: segment) }

    var isEmpty: Bool { self.childCount == 0 && self.here.isEmpty && self.everythingBelow.isEmpty }
}

extension Array where Element: Equatable {
    /// Removes an element, keeps the order of the others, and gives back memory that is far too much for them.
    fileprivate mutating func removeFirst(_ element: Element) -> Bool {
        guard let index = self.firstIndex(of: element) else { return false }
        self.remove(at: index)
        if self.capacity > 16, self.capacity > 4 * self.count { self = Array(self[...]) }
        return true
    }
}
