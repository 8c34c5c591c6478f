import Foundation
import HydrogenProtocol
import Testing

@Suite struct JSONNumberTests {
    private func integer(_ text: String) throws -> Int64? {
        let value = try value(text)
        return value.integer(in: Array(text.utf8).span)
    }

    private func order(_ left: String, _ right: String) throws -> Int? {
        JSONValue.order(try value(left), in: Array(left.utf8).span, try value(right), in: Array(right.utf8).span)?.signum()
    }

    static let integers: [(String, Int64?)] = [
        ("0", 0), ("-0", 0), ("0.000", 0), ("0e99", 0), ("1", 1), ("-1", -1), ("1.0", 1), ("10e-1", 1), ("0.1e1", 1), ("1e3", 1_000), ("1.5e1", 15),
        ("1.50e+1", 15), ("100e-2", 1), ("1.5", nil), ("1e-1", nil), ("0.5", nil), ("15e-1", nil), ("9223372036854775807", .max),
        ("9223372036854775808", nil), ("-9223372036854775808", .min), ("-9223372036854775809", nil), ("9223372036854775807.0", .max),
        ("922337203685477580.7e1", .max), ("9.223372036854775807e18", .max), ("1e18", 1_000_000_000_000_000_000), ("1e19", nil), ("18446744073709551616", nil),
        ("1e99999999999999999999", nil), ("1e-99999999999999999999", nil), ("1000000000000000000000e-21", 1), ("0.000000000000000000001e21", 1),
        ("0e99999999999999999999", 0), ("1E0000000000000000000000001", 10),
    ]

    @Test(arguments: integers) func readsWholeNumbersByValue(_ text: String, _ expected: Int64?) throws {
        #expect(try self.integer(text) == expected)
    }

    @Test(arguments: ["\"1\"", "true", "null", "[1]", "{}"]) func nothingElseIsAnInteger(_ text: String) throws {
        #expect(try self.integer(text) == nil)
    }

    /// The first is less than the second.
    static let ordered: [(String, String)] = [
        ("-1", "0"), ("0", "1"), ("-2", "-1"), ("9", "10"), ("-10", "-9"), ("0.1", "0.11"), ("0.09", "0.1"), ("1e-400", "1e-399"), ("1e399", "1e400"),
        ("-1e400", "-1e399"), ("1e-400", "1"), ("-1e400", "1e-400"), ("9007199254740992", "9007199254740993"), ("1", "1.00000000000000000000000000001"),
        ("1e99999999999999999999", "1e100000000000000000000"), ("1e-100000000000000000000", "1e-99999999999999999999"),
        ("-1e99999999999999999999", "1"), ("0", "1e-99999999999999999999"), ("9.9e99999999999999999999", "1e100000000000000000000"),
    ]

    @Test(arguments: ordered) func ordersByValue(_ less: String, _ greater: String) throws {
        #expect(try self.order(less, greater) == -1)
        #expect(try self.order(greater, less) == 1)
    }

    @Test(arguments: [
        ["0", "-0", "0.0", "0e5", "-0.000e-99", "0e99999999999999999999"], ["1", "1.0", "10e-1", "0.1e1", "1e0", "1E-0", "1000e-3"],
        ["-1.5", "-15e-1", "-0.15e1", "-1.50"], ["1e99999999999999999999", "10e99999999999999999998", "0.1e100000000000000000000"],
    ])
    func theSameNumberIsEqualHoweverItIsWritten(_ texts: [String]) throws {
        for left in texts {
            for right in texts { #expect(try self.order(left, right) == 0, "\(left) \(right)") }
        }
    }

    /// Random numbers of few digits, as a decimal type of another library orders them.
    @Test func agreesWithDecimals() throws {
        var random = SeededGenerator(seed: 8)
        func number() -> String {
            let digits = String(random.below(2_000))
            let point = random.below(digits.count + 1)
            let whole = point == 0 ? "0" : String(Int(digits.prefix(point)) ?? 0)
            let fraction = digits.dropFirst(point)
            let exponent = random.chance(1, in: 2) ? "e\(random.below(9) - 4)" : ""
            return (random.chance(1, in: 3) ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction) + exponent
        }
        for _ in 0..<2_000 {
            let (left, right) = (number(), number())
            let (leftDecimal, rightDecimal) = (try #require(Decimal(string: left)), try #require(Decimal(string: right)))
            let expected = leftDecimal < rightDecimal ? -1 : leftDecimal > rightDecimal ? 1 : 0
            #expect(try self.order(left, right) == expected, "\(left) \(right)")
            let isWhole = leftDecimal.isZero || leftDecimal.exponent >= 0 || Decimal(Int(truncating: leftDecimal as NSDecimalNumber)) == leftDecimal
            #expect(try self.integer(left) == (isWhole ? Int64(truncating: leftDecimal as NSDecimalNumber) : nil), "\(left)")
        }
    }
}
