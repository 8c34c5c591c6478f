/// A value that one loop's thread alone uses, and never while it is used already.
///
/// Of a class's property the compiler cannot see the latter, and asks the runtime at each access: 700 instructions per
/// message, a twentieth of all. Debug builds, and so the tests, go on asking; release builds take the loop's word.
@safe final class LoopOwned<Value: ~Copyable> {
    #if DEBUG
        var value: Value

        init(_ value: consuming Value) { self.value = value }
    #else
        private let pointer: UnsafeMutablePointer<Value>

        init(_ value: consuming Value) {
            unsafe self.pointer = .allocate(capacity: 1)
            unsafe self.pointer.initialize(to: value)
        }

        deinit {
            unsafe self.pointer.deinitialize(count: 1)
            unsafe self.pointer.deallocate()
        }

        var value: Value {
            @inline(__always) _read { yield unsafe self.pointer.pointee }
            @inline(__always) _modify { yield unsafe &self.pointer.pointee }
        }
    #endif
}
