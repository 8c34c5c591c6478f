/// The top-level members of an event's data, located once and shared by all filters that look at it.
package struct EventData: Sendable {
    let body: [UInt8]
    private let data: ByteRange
    private var members: [JSONMember]?

    /// - Parameters:
    ///   - body: a checked text.
    ///   - data: where the object stands in it.
    package init(_ body: [UInt8], _ data: ByteRange) {
        self.body = body
        self.data = data
    }

    /// The value of a member; the last one if several have its name.
    mutating func value(of name: [UInt8]) -> JSONValue? {
        let members = self.located()
        return members.last { $0.name.withBytes(in: self.body.span) { $0.isEqual(to: name.span) } }?.value
    }

    private mutating func located() -> [JSONMember] {
        if let members = self.members { return members }
        var members: [JSONMember] = []
        var iterator = JSONObjectIterator(self.data)
        while let member = iterator.next(in: self.body.span) { members.append(member) }
        self.members = members
        return members
    }
}
