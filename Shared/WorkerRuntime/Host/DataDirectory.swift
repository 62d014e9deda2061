import Glibc

/// The service's own directory.
enum DataDirectory {
    /// Makes it where it is missing, its parents too, and sees that files can be written there.
    static func prepare(_ path: String) throws(ConfigurationFault) {
        let components = path.split(separator: "/", omittingEmptySubsequences: true)
        var current = path.hasPrefix("/") ? "" : "."
        for component in components {
            current += "/\(component)"
            if mkdir(current, 0o750) != 0, errno != EEXIST {
                throw fault(path, String(cString: strerror(errno)))
            }
        }
        let probe = "\(path)/.write-test-\(getpid())"
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fault(path, String(cString: strerror(errno))) }
        close(descriptor)
        unlink(probe)
    }

    private static func fault(_ path: String, _ reason: String) -> ConfigurationFault {
        ConfigurationFault(
            "The data directory \(path) cannot be used: \(reason). Set --data-dir or DATA_DIR to a "
                + "directory this user may write to.")
    }
}
