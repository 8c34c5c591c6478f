import Synchronization

/// A bounded queue from any number of threads to one, without locks: a ring whose cells each carry a sequence number
/// that says whose turn it is (after Dmitry Vyukov). Messages of one sender keep their order.
///
/// All unsafe memory of the queue is confined to this file. `take` is for one thread only; whoever holds the mailbox
/// answers for that.
@safe package struct Mailbox<Element: Sendable>: ~Copyable {
    /// How many messages fit.
    package let capacity: Int
    private let mask: UInt
    /// A cell at position p is free for p's sender when it holds p, and full for the receiver when it holds p + 1.
    private let sequences: UnsafeMutablePointer<Atomic<UInt>>
    private let elements: UnsafeMutablePointer<Element>
    /// The next position to send to, and the next to receive from, on cache lines of their own.
    private let cursors: UnsafeMutablePointer<Atomic<UInt>>
    private static var receiveCursor: Int { 16 }
    private static var cursorsCount: Int { 32 }

    /// The capacity is rounded up to a power of two, and at least 2.
    package init(capacity requested: Int) {
        var capacity = 2
        while capacity < requested { capacity *= 2 }
        self.capacity = capacity
        self.mask = UInt(capacity - 1)
        unsafe self.sequences = .allocate(capacity: capacity)
        for index in 0..<capacity {
            unsafe (self.sequences + index).initialize(to: Atomic(UInt(index)))
        }
        unsafe self.elements = .allocate(capacity: capacity)
        unsafe self.cursors = .allocate(capacity: Self.cursorsCount)
        for index in 0..<Self.cursorsCount {
            unsafe (self.cursors + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        while self.take() != nil {}
        unsafe self.sequences.deinitialize(count: self.capacity)
        unsafe self.sequences.deallocate()
        unsafe self.elements.deallocate()
        unsafe self.cursors.deinitialize(count: Self.cursorsCount)
        unsafe self.cursors.deallocate()
    }

    /// How many messages wait; exact only when nobody sends.
    package var count: Int {
        let sent = unsafe self.cursors[0].load(ordering: .relaxed)
        let received = unsafe self.cursors[Self.receiveCursor].load(ordering: .relaxed)
        return max(0, Int(bitPattern: sent &- received))
    }

    /// From any thread: false when it is full.
    package borrowing func offer(_ element: consuming Element) -> Bool {
        var position = unsafe self.cursors[0].load(ordering: .relaxed)
        while true {
            let cell = Int(position & self.mask)
            let turn = unsafe self.sequences[cell].load(ordering: .acquiring)
            let distance = Int(bitPattern: turn &- position)
            if distance < 0 { return false }
            if distance > 0 {
                position = unsafe self.cursors[0].load(ordering: .relaxed)
                continue
            }
            let (isOurs, seen) = unsafe self.cursors[0].weakCompareExchange(
                expected: position, desired: position &+ 1, ordering: .relaxed)
            if isOurs {
                unsafe (self.elements + cell).initialize(to: element)
                unsafe self.sequences[cell].store(position &+ 1, ordering: .releasing)
                return true
            }
            position = seen
        }
    }

    /// On the receiver's thread only: nil when nothing waits.
    package borrowing func take() -> Element? {
        let position = unsafe self.cursors[Self.receiveCursor].load(ordering: .relaxed)
        let cell = Int(position & self.mask)
        guard unsafe self.sequences[cell].load(ordering: .acquiring) == position &+ 1 else { return nil }
        let element = unsafe (self.elements + cell).move()
        unsafe self.sequences[cell].store(position &+ UInt(self.capacity), ordering: .releasing)
        unsafe self.cursors[Self.receiveCursor].store(position &+ 1, ordering: .relaxed)
        return element
    }
}
