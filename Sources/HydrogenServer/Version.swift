/// The version of the product: in `hydrogen --version`, `system/session`, the status document and `build_info`.
public enum Version {
    public static let text = "0.1.0"

    /// The compiler's language version, for `build_info`.
    static var swift: String {
        #if swift(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }
}
