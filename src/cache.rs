//! The folder of what may be deleted at any time.

use std::fs;
use std::io;
use std::path::Path;

/// Makes `folder` for a cache, which no version control and no backup wants.
///
/// # Errors
///
/// Where it cannot be made.
pub fn make(folder: &Path) -> io::Result<()> {
    // <https://bford.info/cachedir/> tells programs that make backups.
    let tag = "Signature: 8a477f597d28d172789f06886806bc55\n# See https://bford.info/cachedir/\n";
    fs::create_dir_all(folder)?;
    for (name, text) in [(".gitignore", "*\n"), ("CACHEDIR.TAG", tag)] {
        let file = folder.join(name);
        if !file.exists() {
            fs::write(file, text)?;
        }
    }
    Ok(())
}
