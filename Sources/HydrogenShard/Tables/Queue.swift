/// A first-in, first-out queue on one array: taking out is O(1), and memory stays in proportion to what waits.
struct Queue<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var isEmpty: Bool { self.head == self.elements.count }
    var count: Int { self.elements.count - self.head }
    /// The element that so many others stand before; nil beyond the last one.
    subscript(index: Int) -> Element? { index < self.count ? self.elements[self.head + index] : nil }

    var first: Element? { self.isEmpty ? nil : self.elements[self.head] }

    mutating func append(_ element: Element) { self.elements.append(element) }

    /// Puts another element in the place of one that so many others stand before.
    mutating func replace(_ index: Int, with element: Element) {
        if index < self.count { self.elements[self.head + index] = element }
    }

    mutating func popFirst() -> Element? {
        guard !self.isEmpty else { return nil }
        let element = self.elements[self.head]
        self.elements[self.head] = nil
        self.head += 1
        if self.head == self.elements.count {
            self.elements.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head > 1024, self.head * 2 > self.elements.count {
            self.elements.removeFirst(self.head)
            self.head = 0
        }
        return element
    }
}

extension Queue: Sendable where Element: Sendable {}
