/// A virtual environment of Python under the build folder, for peers that somebody else wrote: made
/// once from a file of pinned packages (PyPI), and used by every later run.
public enum PythonEnvironment {
    /// The absolute path of the environment's interpreter.
    /// - Parameters:
    ///   - name: of the folder; one for each set of packages.
    ///   - requirements: a file of the repository for `pip install -r`; a changed one makes the
    ///     environment anew.
    /// - Throws: where Python, its `venv` or PyPI cannot be had, with what pip said.
    public static func python(_ name: String, requirements: String) async throws -> String {
        let folder = Repository.path(".build/python/\(name)")
        let ending = try await Command.run(
            "/bin/sh", ["-c", script, "sh", folder, Repository.path(requirements)])
        guard ending.status == 0 else {
            throw SupportFailure(
                """
                the Python packages of \(requirements) could not be installed (they come from \
                PyPI; python3-venv must be there): \(ending.output)
                """)
        }
        return folder + "/bin/python"
    }

    /// Several test processes may ask at once: one makes it, the others wait.
    private static let script = """
        set -e
        mkdir -p "$1"; exec 9>"$1.lock"; flock 9
        cmp -s "$2" "$1/installed.txt" && exit 0
        rm -rf "$1"; python3 -m venv "$1"
        "$1/bin/pip" install --quiet --disable-pip-version-check --no-input -r "$2"
        cp "$2" "$1/installed.txt"
        """
}
