extension EnvelopeReader {
    /// Takes the value of a member that must be a string; nil for any other value.
    @inline(__always)
    mutating func take(_ member: EnvelopeMember, _ text: JSONText?, _ bytes: Span<UInt8>) {
        switch member {
        case .type:
            let isRight = self.note(member, isRight: text != nil)
            self.envelope.kind = isRight ? text.flatMap { Envelope.Kind($0, in: bytes) } : nil
        case .id:
            self.envelope.id = self.checked(member, text, bytes, by: EnvelopeID.isValid)
        case .timestamp:
            self.envelope.timestamp = self.checked(member, text, bytes, by: Timestamp.isValid)
        case .channel:
            self.envelope.channel = self.checked(member, text, bytes, by: ChannelName.isValid)
        case .action:
            self.envelope.action = self.checked(member, text, bytes, by: ActionName.isValid)
        case .token:
            self.envelope.token = self.note(member, isRight: text != nil) ? text : nil
        case .signature:
            self.envelope.signature = self.note(member, isRight: text != nil) ? text : nil
        case .data, .auth, .offset:
            break  // No strings.
        }
    }

    /// Takes a value of a member that is ours, where it is no string that the member must be, and no `auth` that is an object.
    mutating func take(_ member: EnvelopeMember, _ value: JSONValue, _ bytes: Span<UInt8>) {
        switch member {
        case .data:
            let isRight = self.note(member, isRight: value.kind == .object)
            self.envelope.data = isRight ? value : nil
        case .auth:
            self.note(member, isRight: false)
        case .offset:
            let offset = value.integer(in: bytes).flatMap { $0 >= 1 ? $0 : nil }
            self.envelope.offset = self.note(member, isRight: offset != nil) ? offset : nil
        case .type, .id, .timestamp, .channel, .action, .token, .signature:
            self.take(member, nil as JSONText?, bytes)
        }
    }

    /// Notes that a member came, and whether it is right: of its type and form, and named once.
    @discardableResult @inline(__always)
    mutating func note(_ member: EnvelopeMember, isRight: Bool) -> Bool {
        let isFirst = !self.present.contains(member)
        self.present.insert(member)
        if !isRight { self.wrong.insert(member) }
        if !isFirst { self.repeated.insert(member) }
        return isRight && isFirst
    }

    @inline(__always)
    private mutating func checked(
        _ member: EnvelopeMember, _ text: JSONText?, _ bytes: Span<UInt8>, by isValid: (Span<UInt8>) -> Bool
    ) -> JSONText? {
        guard let text else {
            self.note(member, isRight: false)
            return nil
        }
        let isRight = text.withBytes(in: bytes, isValid)
        return self.note(member, isRight: isRight) ? text : nil
    }

    /// The first fault of a message that is valid JSON, an object, and not too deep.
    var firstFault: EnvelopeFault? {
        if let fault = self.fault(.type, isRequired: true) { return fault }
        let fault =
            switch self.envelope.kind {
            case .command: self.faultOfCommand
            case .ack: self.faultOfAck
            case .event, .response, nil: EnvelopeFault(.unknownType, .type)
            }
        if let fault { return fault }
        return self.repeatsOther ? EnvelopeFault(.invalidField) : nil
    }

    private var faultOfCommand: EnvelopeFault? {
        self.fault(.id, isRequired: true)
            // A signature covers the time stamp.
            ?? self.fault(.timestamp, isRequired: self.present.contains(.signature))
            ?? self.fault(.channel, isRequired: true) ?? self.fault(.action, isRequired: true)
            ?? self.faultOfDataAndAuth
            ?? self.faultOfIgnored(.offset)
    }

    private var faultOfAck: EnvelopeFault? {
        let hasOffset = self.present.contains(.offset)
        let fault =
            self.fault(.id, isRequired: !hasOffset) ?? self.fault(.timestamp, isRequired: false)
            ?? self.faultOfDataAndAuth
            ?? self.fault(.offset, isRequired: false)
        if let fault { return fault }
        if hasOffset && self.present.contains(.id) { return EnvelopeFault(.invalidField, .offset) }
        return self.faultOfIgnored(.channel) ?? self.faultOfIgnored(.action)
    }

    private var faultOfDataAndAuth: EnvelopeFault? {
        self.fault(.data, isRequired: false) ?? self.fault(.auth, isRequired: false)
            ?? self.fault(.token, isRequired: false) ?? self.fault(.signature, isRequired: false)
    }

    /// Whether a member that the message may or must have is wrong.
    private func fault(_ member: EnvelopeMember, isRequired: Bool) -> EnvelopeFault? {
        if self.wrong.contains(member) || self.repeated.contains(member) { return EnvelopeFault(.invalidField, member) }
        return isRequired && !self.present.contains(member) ? EnvelopeFault(.missingField, member) : nil
    }

    /// A member that means nothing in a message of this type may have any value, but only one.
    private func faultOfIgnored(_ member: EnvelopeMember) -> EnvelopeFault? {
        self.repeated.contains(member) ? EnvelopeFault(.invalidField, member) : nil
    }
}
