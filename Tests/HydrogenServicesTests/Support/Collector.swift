import HydrogenThreads
@testable import HydrogenServices

/// Gathers values from any thread.
final class Collector<Element: Sendable>: Sendable {
    private let elements = Guarded<[Element]>([])

    func append(_ element: Element) { self.elements.withLockNotifying { $0.append(element) } }

    var all: [Element] { self.elements.withLock { $0 } }

    /// Waits until there are at least so many.
    func wait(for count: Int) -> [Element] { self.elements.wait { $0.count >= count ? $0 : nil } }
}

/// A door that threads wait at until it is opened, once and for all.
final class Gate: Sendable {
    private let isOpen = Guarded(false)

    func open() { self.isOpen.withLockNotifying { $0 = true } }

    func pass() { self.isOpen.wait { $0 ? () : nil } }
}
