//! The modules of the crates are layers, without circular dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The modules that each module uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// Adds the modules that the files in a folder use below `root`; the files of a folder are one
/// module.
fn read(folder: &Path, root: &str, module: Option<&str>, uses: &mut Uses) {
    let entries = fs::read_dir(folder).expect("a folder of sources");
    for entry in entries {
        let path = entry.expect("an entry of it").path();
        let name = path.file_stem().and_then(|name| name.to_str());
        let name = name.expect("a name in UTF-8");
        if path.is_dir() {
            read(&path, root, module.or(Some(name)), uses);
        } else if name != "tests" && (module.is_some() || !matches!(name, "lib" | "mod")) {
            let module = module.unwrap_or(name);
            let text = fs::read_to_string(&path).expect("a source");
            let known = uses.entry(module.to_owned()).or_default();
            known.extend(used(&text, root).filter(|used| used != module));
        }
    }
}

/// The modules that a source file uses, without its unit tests.
fn used<'a>(text: &'a str, root: &'a str) -> impl Iterator<Item = String> + 'a {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let paths = lines.flat_map(move |line| line.split(root).skip(1));
    paths.map(|path| {
        let is_name = |it: &char| it.is_ascii_lowercase() || *it == '_';
        path.chars().take_while(is_name).collect()
    })
}

/// Checks the modules of a folder, whose paths start with `root`.
fn check(folder: &str, root: &str, known: &str) {
    let mut uses = Uses::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    read(&sources, root, None, &mut uses);
    assert!(uses.contains_key(known), "the sources are read: {uses:?}");
    // Remove layer by layer the modules that use none of the remaining ones.
    while !uses.is_empty() {
        let left: BTreeSet<String> = uses.keys().cloned().collect();
        uses.retain(|_, used| !used.is_disjoint(&left));
        assert!(
            uses.len() < left.len(),
            "these use each other in a circle: {uses:?}"
        );
    }
}

#[test]
fn modules_have_no_circular_dependencies() {
    check("src", "crate::", "stream");
    check("src/http", "crate::http::", "request");
    check("../server/src", "crate::", "store");
    check("../bridge/src", "crate::", "sexp");
}
