/// How kinds of text look on a terminal; plain where nobody looks at colours.
package struct Palette: Sendable, Hashable {
    /// A sequence of ECMA-48 §8.3.117, without its escape.
    package enum Style: String, Sendable, CaseIterable {
        case name = "36"
        case string = "32"
        case number = "33"
        case literal = "35"
        case dim = "2"
        case good = "1;32"
        case bad = "1;31"
        case event = "1;34"
    }

    package let hasColours: Bool

    package init(hasColours: Bool) { self.hasColours = hasColours }

    package func paint(_ text: String, _ style: Style) -> String {
        self.hasColours ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }
}
