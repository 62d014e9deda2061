import Foundation
import RefundMessages

/// Has the operator edit one dead letter until it can be sent, or is given up.
struct Edit {
    let run: JobRun
    let options: ReplayOptions
    let view: DeadLetterView

    private var console: Console { run.console }

    /// Edits in the editor, has it validated, shows the difference, asks, and sends.
    func interactively() async throws {
        guard let original = Self.text(of: view) else {
            throw CommandFailure(
                .refused,
                "the body of \(view.row.id) is no text; give the new one with --body FILE")
        }
        let draft = try Draft(original, name: "dead-letter-\(view.row.id).json")
        do {
            guard let job = try await validated(draft, original) else {
                draft.remove()
                throw CommandFailure(.refused, "nothing was changed, so nothing was sent")
            }
            try await Replay(run: run, options: options).finish(job, isAlwaysAsked: true)
            draft.remove()
        } catch let failure as CommandFailure where failure.code != .unreachable {
            // A fault of the message was told, and an editor's failure names the draft itself.
            if FileManager.default.fileExists(atPath: draft.path),
                !failure.description.contains(draft.path)
            {
                throw CommandFailure(
                    failure.code, "\(failure.description); your text is kept in \(draft.path)")
            }
            throw failure
        } catch {
            throw CommandFailure(
                .unreachable,
                "\(CommandFailure(of: error).description); your text is kept in \(draft.path)")
        }
    }

    /// Sends that body as it is.
    func with(_ body: [UInt8]) async throws {
        do {
            let job = try await prepared(body)
            show(job)
            try await Replay(run: run, options: options).finish(job, isAlwaysAsked: true)
        } catch let fault as EditFault {
            tell(fault, body)
            throw CommandFailure(.refused, "the new body would be refused: \(fault.detail)")
        }
    }

    /// Opens the editor until today's code accepts what it leaves. Nil where nothing was changed.
    private func validated(_ draft: Draft, _ original: [UInt8]) async throws -> Job? {
        while true {
            try Editor.edit(draft.path)
            let text = try draft.read()
            guard text.withoutFinalBreak != original.withoutFinalBreak else { return nil }
            do {
                let job = try await prepared(Self.body(text))
                show(job)
                return job
            } catch let fault as EditFault {
                tell(fault, text.withoutFinalBreak)
                guard Question.canAsk,
                    Question.answer("Edit again? [Y/n] ").map({ $0 != "n" }) ?? false
                else {
                    throw CommandFailure(
                        .refused, "it would be refused: \(fault.detail) Nothing was sent")
                }
            }
        }
    }

    private func prepared(_ body: [UInt8]) async throws -> Job {
        try await run.prepare { json in
            json.field("action", "replay")
            json.name("select")
            json.object { $0.field("ids", [view.row.id]) }
            json.name("edit")
            json.object { $0.field("bodyBase64", Data(body).base64EncodedString()) }
            json.fieldIfPresent("queue", options.to)
            json.field("ratePerSecond", options.rate)
        }
    }

    private func show(_ job: Job) {
        guard !console.json, let diff = job.diff else { return }
        for line in DiffText.lines(diff, { console.paint($0, $1) }) { console.line(line) }
        console.line()
    }

    /// The fault, where it is in the text.
    private func tell(_ fault: EditFault, _ text: [UInt8]) {
        console.line(console.paint(fault.detail.clipped(to: 1_024), .bad))
        guard let lines = BodyLines(text, path: fault.path) else { return }
        for line in lines.text(label: fault.reason.clipped(to: 40), { console.paint($0, $1) }) {
            console.line(line)
        }
    }

    /// What is handed to the editor: indented where it is JSON.
    static func text(of view: DeadLetterView) -> [UInt8]? {
        guard String(validating: view.body, as: UTF8.self) != nil else { return nil }
        return (view.pretty ?? view.body).withoutFinalBreak
            + [UInt8(ascii: "\n")]
    }

    /// What is sent: JSON without the white space between its parts, anything else as it stands.
    static func body(_ text: [UInt8]) -> [UInt8] {
        let text = text.withoutFinalBreak
        return (try? JSONDocument(text, limits: .stored)) == nil ? text : JSONBytes.compact(text)
    }
}

extension [UInt8] {
    /// Without the line breaks at its end, which editors add.
    var withoutFinalBreak: [UInt8] {
        Array(self[..<((lastIndex { $0 != 0x0A && $0 != 0x0D }).map { $0 + 1 } ?? 0)])
    }
}
