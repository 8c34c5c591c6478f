import HydrogenProtocol

extension ValueForm where Value == Bool {
    package static var boolean: ValueForm {
        ValueForm(.boolean) { found, reading in
            if let bool = found.value.bool { return bool }
            reading.refuse(found, "must be true or false", allowed: ValueSort.boolean.allowed)
            return nil
        } json: { value in
            "\(value)"
        }
    }
}

extension ValueForm where Value == Int {
    package static func integer(_ range: ClosedRange<Int>) -> ValueForm {
        self.number(.integer(range), range, places: 0)
    }

    /// A number with fractions, as a count of its smallest units: three places give thousandths.
    package static func decimal(_ range: ClosedRange<Int>, places: Int) -> ValueForm {
        self.number(.decimal(range, places: places), range, places: places)
    }

    fileprivate static func number(_ sort: ValueSort, _ range: ClosedRange<Int>, places: Int) -> ValueForm {
        ValueForm(sort) { found, reading in
            let problem: String
            if found.value.kind != .number {
                problem = "must be \(sort.typeName)"
            } else {
                switch ExactDecimal.read(found.value.range, in: found.source.bytes.span, places: places) {
                case .value(let number) where range.contains(number): return number
                case .value(let number): problem = number < range.lowerBound ? "is too small" : "is too large"
                case .tooSmall: problem = "is too small"
                case .tooLarge: problem = "is too large"
                case .tooFine:
                    problem = places == 0 ? "must be a whole number" : "must have at most \(places) decimal places"
                }
            }
            reading.refuse(found, problem, allowed: sort.allowed)
            return nil
        } json: { value in
            ExactDecimal.text(value, places: places)
        }
    }
}

extension ValueForm where Value == Interval {
    /// A number of seconds with fractions down to a millisecond; the range is in milliseconds.
    package static func seconds(milliseconds range: ClosedRange<Int>) -> ValueForm {
        ValueForm<Int>.number(.seconds(range), range, places: 3)
            .map({ .milliseconds(Int64($0)) }, from: { Int($0.milliseconds) })
    }

    /// A text like `5m30s`.
    package static func span(_ range: ClosedRange<Interval>) -> ValueForm {
        let sort = ValueSort.span(range)
        return ValueForm(sort) { found, reading in
            guard let text = found.string else {
                let problem = found.value.kind == .number ? "must have a unit, like \"5m30s\"" : "must be \(sort.typeName)"
                reading.refuse(found, problem, allowed: sort.allowed)
                return nil
            }
            guard let span = SpanText.read(text) else {
                reading.refuse(
                    found, "is no time: whole numbers with the units d h m s ms us, the greatest first",
                    allowed: sort.allowed)
                return nil
            }
            guard range.contains(span) else {
                reading.refuse(found, span < range.lowerBound ? "is too short" : "is too long", allowed: sort.allowed)
                return nil
            }
            return span
        } json: { value in
            "\"\(SpanText.text(of: value))\""
        }
    }
}
