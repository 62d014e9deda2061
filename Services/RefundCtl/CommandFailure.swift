import Foundation
import RefundMessages

/// Why a command could not do what it was asked: the sentence on standard error, exit status 1.
struct CommandFailure: Error, Hashable, CustomStringConvertible {
    /// What kind of failure, for tests and for whoever reacts to it.
    enum Code: Sendable {
        /// The broker or the API cannot be reached, or did not answer in time.
        case unreachable
        /// It answered, and said no.
        case refused
        /// A file cannot be read, or is not what it should be.
        case badInput
        /// What was waited for did not come in the time given.
        case timedOut
        /// Something is otherwise than expected (`topology check`, `demo --check`).
        case differs
    }

    var code: Code
    /// Names the thing and what to do. May hold data from outside: it is shown escaped.
    var description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// What another error says, for people.
    init(of error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let fault as MessageFault: self.init(.refused, fault.detail)
        default: self.init(.refused, "\(error)")
        }
    }

    func print() {
        FileHandle.standardError.write(Data("refundctl: \(description.printable)\n".utf8))
    }
}
