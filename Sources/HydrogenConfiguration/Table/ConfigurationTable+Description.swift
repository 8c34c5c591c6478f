extension ConfigurationTable {
    /// The sections and keys as objects and members: what a configuration inside another file may hold.
    package static let description = description(of: "")

    private static let defaults = Configuration()

    private static func description(of section: String) -> TableDescription {
        let members = self.names(below: section).map { name in
            let path = section.isEmpty ? name : "\(section).\(name)"
            let key = self.key(path)
            var sort: ValueSort
            if self.isSection(path) {
                sort = .object(self.description(of: path))
                if key?.kind.isGroup == true { sort = .optional(sort) }
            } else {
                sort = key?.kind.sort ?? .boolean
            }
            return TableDescription.Member(
                name: name, sort: sort, isRequired: false, defaultText: key?.kind.json(of: self.defaults),
                summary: key?.summary ?? "")
        }
        return TableDescription(name: section.isEmpty ? self.rootName : "", summary: "", members: members)
    }
}
