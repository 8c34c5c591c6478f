/// Swift source without its comments and the contents of its strings, so that words in it are code. Lines stay lines.
struct SwiftCode {
    private let source: [UInt8]
    private var index = 0
    private var code: [UInt8] = []

    static func lines(of source: String) -> [String] {
        var reader = SwiftCode(source: Array(source.utf8))
        reader.readCode(until: nil)
        return String(decoding: reader.code, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    private init(source: [UInt8]) { self.source = source }

    private func isNext(_ text: StaticString, at place: Int) -> Bool {
        let count = text.utf8CodeUnitCount
        guard place + count <= self.source.count else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(self.source[place..<(place + count)]) }
    }

    /// Reads to the end of the source, or to the parenthesis that closes an interpolation.
    private mutating func readCode(until closing: UInt8?) {
        var depth = 0
        while self.index < self.source.count {
            let byte = self.source[self.index]
            if self.isNext("//", at: self.index) {
                while self.index < self.source.count, self.source[self.index] != UInt8(ascii: "\n") { self.index += 1 }
                continue
            }
            if self.isNext("/*", at: self.index) {
                self.skipBlockComment()
                continue
            }
            if let hashes = self.hashesOfString() {
                self.readString(hashes: hashes)
                continue
            }
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") {
                if depth == 0, byte == closing {
                    self.index += 1
                    return
                }
                depth -= 1
            }
            self.code.append(byte)
            self.index += 1
        }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if self.isNext("/*", at: self.index) {
                depth += 1
                self.index += 2
            } else if self.isNext("*/", at: self.index) {
                depth -= 1
                self.index += 2
            } else {
                if self.source[self.index] == UInt8(ascii: "\n") { self.code.append(UInt8(ascii: "\n")) }
                self.index += 1
            }
        } while depth > 0 && self.index < self.source.count
    }

    /// How many number signs stand before the quote that starts a string here; nil where none starts.
    private func hashesOfString() -> Int? {
        var place = self.index
        while place < self.source.count, self.source[place] == UInt8(ascii: "#") { place += 1 }
        return place < self.source.count && self.source[place] == UInt8(ascii: "\"") ? place - self.index : nil
    }

    private mutating func readString(hashes: Int) {
        self.index += hashes
        let isLong = self.isNext("\"\"\"", at: self.index)
        self.index += isLong ? 3 : 1
        self.code.append(UInt8(ascii: "\""))
        while self.index < self.source.count {
            let byte = self.source[self.index]
            if byte == UInt8(ascii: "\\"), self.hashCount(behind: self.index) >= hashes {
                self.index += 1 + hashes
                if self.index < self.source.count, self.source[self.index] == UInt8(ascii: "(") {
                    self.index += 1
                    self.readCode(until: UInt8(ascii: ")"))
                } else {
                    self.index += 1
                }
                continue
            }
            let quotes = isLong ? 3 : 1
            let isEnd = isLong ? self.isNext("\"\"\"", at: self.index) : byte == UInt8(ascii: "\"")
            if isEnd, self.hashCount(behind: self.index + quotes - 1) >= hashes {
                self.index += quotes + hashes
                break
            }
            if byte == UInt8(ascii: "\n") { self.code.append(byte) }
            self.index += 1
        }
        self.code.append(UInt8(ascii: "\""))
    }

    private func hashCount(behind place: Int) -> Int {
        var next = place + 1
        while next < self.source.count, self.source[next] == UInt8(ascii: "#") { next += 1 }
        return next - place - 1
    }
}
