//! Programs of others that tests install under `target/`, once for each set of pins.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};

/// Waits until nobody else, in this process or another, installs into the same place.
pub(crate) fn locked(path: &Path) -> File {
    let file = File::create(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    file.lock().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    file
}

/// Copies what differs, and says whether anything did.
pub(crate) fn refresh(source: &Path, place: &Path, names: &[&str]) -> bool {
    let mut changed = false;
    for name in names {
        let wanted = fs::read(source.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        if fs::read(place.join(name)).ok().as_ref() != Some(&wanted) {
            fs::write(place.join(name), wanted).unwrap_or_else(|e| panic!("{name}: {e}"));
            changed = true;
        }
    }
    changed
}

pub(crate) fn must(command: &mut Command) {
    let output = finished(command);
    let [said, complained] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "{command:?}: {}\n{said}{complained}", output.status);
}

pub(crate) fn finished(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|e| {
        let name = command.get_program().display().to_string();
        panic!("{name}: {e}. These tests need node, npm and python3; outside CI, TERTULIA_TEST_CLIENTS=off omits them")
    })
}
