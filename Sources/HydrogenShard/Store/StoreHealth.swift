/// Whether a store takes what is new.
package enum StoreHealth: Sendable, Equatable {
    case works
    /// The reason is SQLite's or the system's.
    case fails(reason: String)
}
