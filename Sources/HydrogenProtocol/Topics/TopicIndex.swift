/// The subscribers of one channel by topic: a tree of segments, so that finding those of an action costs its segments
/// and its matches, however many topics there are. A branch that nobody subscribes to any more is pruned.
package struct TopicIndex<Subscriber: Sendable & Equatable>: Sendable {
    /// One place of the tree, named by its index in `nodes`.
    private struct Node: Sendable {
        var parent: Int
        /// What leads here from the parent.
        var segment: TopicSegment
        var children: [[UInt8]: Int] = [:]
        /// The child behind `*`; 0 (the root, nobody's child) for none.
        var anyChild = 0
        /// Whose topic ends here.
        var subscribers: [Subscriber] = []
        /// Whose topic ends here with `**`.
        var restSubscribers: [Subscriber] = []

        var isNeeded: Bool {
            !self.children.isEmpty || self.anyChild != 0 || !self.subscribers.isEmpty || !self.restSubscribers.isEmpty
        }
    }

    private var nodes = [Node(parent: 0, segment: .any)]
    private var freeNodes: [Int] = []

    package init() {}

    /// Nodes in use, the root among them: what memory is in proportion to.
    package var nodeCount: Int { self.nodes.count - self.freeNodes.count }

    package mutating func insert(_ subscriber: Subscriber, _ pattern: TopicPattern) {
        var node = 0
        for segment in pattern.segments { node = self.child(of: node, segment) ?? self.addChild(to: node, segment) }
        if pattern.endsWithRest {
            self.nodes[node].restSubscribers.append(subscriber)
        } else {
            self.nodes[node].subscribers.append(subscriber)
        }
    }

    package mutating func remove(_ subscriber: Subscriber, _ pattern: TopicPattern) {
        var node = 0
        for segment in pattern.segments {
            guard let child = self.child(of: node, segment) else { return }
            node = child
        }
        if pattern.endsWithRest {
            self.nodes[node].restSubscribers.removeAll { $0 == subscriber }
        } else {
            self.nodes[node].subscribers.removeAll { $0 == subscriber }
        }
        self.prune(from: node)
    }

    /// Visits who subscribed to topics that match a valid action: node by node, each in the order of subscribing.
    package func forEachMatch(of action: Span<UInt8>, _ visit: (Subscriber) -> Void) {
        self.visit(node: 0, action, from: 0, visit)
    }

    /// - Parameter start: where the next segment of the action starts; beyond its end when none is left.
    private func visit(node: Int, _ action: Span<UInt8>, from start: Int, _ visit: (Subscriber) -> Void) {
        guard start <= action.count else {
            for subscriber in self.nodes[node].subscribers { visit(subscriber) }
            return
        }
        for subscriber in self.nodes[node].restSubscribers { visit(subscriber) }
        if self.nodes[node].children.isEmpty && self.nodes[node].anyChild == 0 { return }
        var end = start
        while end < action.count, action[end] != UInt8(ascii: ".") { end += 1 }
        if !self.nodes[node].children.isEmpty {
            let segment = Array(copying: action.extracting(start..<end))
            if let child = self.nodes[node].children[segment] { self.visit(node: child, action, from: end + 1, visit) }
        }
        let anyChild = self.nodes[node].anyChild
        if anyChild != 0 { self.visit(node: anyChild, action, from: end + 1, visit) }
    }

    private func child(of node: Int, _ segment: TopicSegment) -> Int? {
        switch segment {
        case .name(let name): self.nodes[node].children[name]
        case .any: self.nodes[node].anyChild == 0 ? nil : self.nodes[node].anyChild
        }
    }

    private mutating func addChild(to node: Int, _ segment: TopicSegment) -> Int {
        let fresh = Node(parent: node, segment: segment)
        let child: Int
        if let free = self.freeNodes.popLast() {
            child = free
            self.nodes[child] = fresh
        } else {
            child = self.nodes.count
            self.nodes.append(fresh)
        }
        switch segment {
        case .name(let name): self.nodes[node].children[name] = child
        case .any: self.nodes[node].anyChild = child
        }
        return child
    }

    private mutating func prune(from start: Int) {
        var node = start
        while node != 0, !self.nodes[node].isNeeded {
            let parent = self.nodes[node].parent
            switch self.nodes[node].segment {
            case .name(let name): self.nodes[parent].children[name] = nil
            case .any: self.nodes[parent].anyChild = 0
            }
            self.nodes[node] = Node(parent: 0, segment: .any)
            self.freeNodes.append(node)
            node = parent
        }
    }
}
