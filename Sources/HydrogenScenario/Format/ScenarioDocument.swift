import HydrogenConfiguration

/// What is made from the table of a scenario's keys: the JSON Schema, and the keys in the documentation.
package enum ScenarioDocument {
    /// `Simulations/scenario.schema.json`.
    package static func schema() -> String {
        JSONSchema.text(of: ScenarioTable.root.description, title: "A scenario of hydrogen simulate")
    }

    /// Every key, for `Documentation/Simulation.md`.
    package static func keys() -> String {
        TableDocumentation.sections(of: ScenarioTable.root.description, without: [ConfigurationTable.rootName])
    }
}
