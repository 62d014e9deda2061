/// Who asks something of a service's HTTP API.
public struct Principal: Sendable, Hashable {
    /// What somebody may do. An operator may do everything that a reader may.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        /// Looks.
        case reader
        /// Looks and changes.
        case `operator`

        /// Whether whoever has this role may do what asks for that one.
        public func includes(_ needed: Role) -> Bool { self == .operator || needed == .reader }
    }

    /// 1 to 128 characters.
    public var name: String
    /// What the principal may do.
    public var role: Role
    /// Whether a token proves the name; else it is what the client stated, and an audit says so.
    public var isProven: Bool

    /// A principal of that name and role.
    public init(name: String, role: Role, isProven: Bool) {
        self.name = name
        self.role = role
        self.isProven = isProven
    }

    /// Characters (Unicode scalars) in a name: an operator's, as the message contract has it.
    public static let nameLength = 1...128
}
