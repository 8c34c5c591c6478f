import Testing

@testable import HydrogenProtocol

@Suite struct CivilDateTests {
    static let days: [(Int64, CivilDate)] = [
        (0, CivilDate(year: 1970, month: 1, day: 1)), (-1, CivilDate(year: 1969, month: 12, day: 31)),
        (59, CivilDate(year: 1970, month: 3, day: 1)), (11_016, CivilDate(year: 2000, month: 2, day: 29)),
        (11_017, CivilDate(year: 2000, month: 3, day: 1)), (19_782, CivilDate(year: 2024, month: 2, day: 29)),
        (-25_509, CivilDate(year: 1900, month: 2, day: 28)), (-25_508, CivilDate(year: 1900, month: 3, day: 1)),
        (-719_528, CivilDate(year: 0, month: 1, day: 1)), (-719_529, CivilDate(year: -1, month: 12, day: 31)),
        (2_932_896, CivilDate(year: 9999, month: 12, day: 31)),
    ]

    @Test(arguments: days) func countsDays(_ number: Int64, _ date: CivilDate) {
        #expect(date.dayNumber == number)
        #expect(CivilDate(dayNumber: number) == date)
    }

    /// Day by day through two cycles of 400 years, counted by hand.
    @Test func followsTheCalendar() {
        var date = CivilDate(year: -401, month: 1, day: 1)
        var number = date.dayNumber
        while date.year < 401 {
            if CivilDate(dayNumber: number) != date || date.dayNumber != number { Issue.record("\(date) \(number)") }
            number += 1
            date.day += 1
            if date.day > CivilDate.dayCount(month: date.month, year: date.year) {
                date.day = 1
                date.month += 1
            }
            if date.month > 12 {
                date.month = 1
                date.year += 1
            }
        }
    }

    @Test func countsTheDaysOfMonths() {
        let counts = (1...12).map { CivilDate.dayCount(month: $0, year: 2023) }
        #expect(counts == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
        let leapYears = [1600, 1700, 1800, 1900, 2000, 2023, 2024, 2100].filter { CivilDate.dayCount(month: 2, year: $0) == 29 }
        #expect(leapYears == [1600, 2000, 2024])
    }
}
