//! The directory for this test process's files; it is removed when the process is gone, however it went.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// Reads until the process that writes is gone. A Ctrl-C is for that process only.
const WATCH: &str = r#"trap '' INT HUP TERM; while read -r _; do :; done; rm -rf "$1""#;

pub(crate) fn scratch() -> &'static Path {
    static SCRATCH: OnceLock<(TempDir, ChildStdin)> = OnceLock::new();
    let (directory, _) = SCRATCH.get_or_init(|| {
        let directory = TempDir::with_prefix("tertulia-test-").expect("a temporary directory");
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "sh"]).arg(directory.path()).current_dir("/").process_group(0);
        watch.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let alive = watch.spawn().expect("a shell").stdin.take().expect("its standard input");
        (directory, alive)
    });
    directory.path()
}
