/// Where batches are kept: a file of SQLite in production, a value under the simulated clock. `StoreKeeper` drives it.
package protocol StoreEngine {
    /// Commits batches in one transaction, or none of them.
    mutating func commit(_ batches: [StoreBatch]) -> Bool

    /// Writes something and takes it back: whether it could take more.
    mutating func probe() -> Bool

    /// Why the last thing that failed did.
    var fault: String { get }
}
