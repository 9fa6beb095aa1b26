//! The file that stores assistants and related objects, shared by sessions: a JSON object with one
//! object per kind, which maps ids to entries. A writer holds the lock of a second file and
//! replaces the whole file, so that readers never see a partial change.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use extendr_api::prelude::*;
use openaistream_core::Error;
use serde_json::{json, Map, Value};

use crate::file_lock::wait_to_open_alone;
use crate::outcome::{outcome, Failure};
use crate::values::{one_text, path};

/// How long a change waits for the lock.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// The version of the file format.
const VERSION: u64 = 1;

/// The JSON texts of the entries of a kind, oldest first; with `id`, only of that entry.
#[extendr]
fn registry_read(file: Robj, kind: Robj, id: Robj) -> Robj {
    outcome(|| {
        let path = file_path(&file)?;
        let entries = entries_of(read(&path)?, &argument(&kind)?);
        let texts: Vec<String> = match one_text(&id) {
            Some(id) => entries.get(&id).map(Value::to_string).into_iter().collect(),
            None => entries.values().map(Value::to_string).collect(),
        };
        Ok(texts.into())
    })
}

/// Stores the JSON text of an entry under its id; removes the entry if the text is NULL.
#[extendr]
fn registry_write(file: Robj, kind: Robj, id: Robj, text: Robj) -> Robj {
    outcome(|| {
        let path = file_path(&file)?;
        let (kind, id) = (argument(&kind)?, argument(&id)?);
        let entry = match one_text(&text) {
            Some(text) => Some(serde_json::from_str(&text).map_err(|error| {
                Error::argument(format!("An entry of the registry must be JSON: {error}."))
            })?),
            None => None,
        };
        change(&path, &kind, &id, entry)?;
        Ok(().into())
    })
}

fn change(path: &Path, kind: &str, id: &str, entry: Option<Value>) -> Result<(), Error> {
    let _lock = wait_to_open_alone(&auxiliary_path(path, ".lock"), MAX_WAIT)
        .map_err(|error| refused(path, &format!("it cannot be locked: {error}")))?;
    let mut registry = read(path)?;
    registry.insert("version".to_owned(), VERSION.into());
    let entries = registry.entry(kind).or_insert(json!({}));
    let Some(entries) = entries.as_object_mut() else {
        return Err(refused(path, "it is not a registry of assistants"));
    };
    match entry {
        Some(entry) => {
            entries.insert(id.to_owned(), entry);
        }
        None => {
            entries.shift_remove(id);
        }
    }
    replace(path, &Value::Object(registry).to_string())
        .map_err(|error| refused(path, &format!("it cannot be written: {error}")))
}

/// Replaces the file atomically.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let new = auxiliary_path(path, ".new");
    fs::write(&new, text)?;
    if let Ok(old) = fs::metadata(path) {
        fs::set_permissions(&new, old.permissions())?;
    }
    fs::rename(&new, path)
}

/// The content of the file; empty if it does not exist.
fn read(path: &Path) -> Result<Map<String, Value>, Error> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Map::new()),
        Err(error) => return Err(refused(path, &format!("it cannot be read: {error}"))),
    };
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(registry)) if registry.get("version") == Some(&VERSION.into()) => {
            Ok(registry)
        }
        _ => Err(refused(path, "it is not a registry of assistants")),
    }
}

fn entries_of(mut registry: Map<String, Value>, kind: &str) -> Map<String, Value> {
    match registry.remove(kind) {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    }
}

fn refused(path: &Path, why: &str) -> Error {
    let shown = path.display();
    Error::argument(format!(
        "The `assistants_file` \"{shown}\" cannot be used: {why}."
    ))
}

fn file_path(file: &Robj) -> Result<PathBuf, Failure> {
    let path = path(file).ok_or_else(|| Error::argument("The registry needs a file."))?;
    // Replace the target of a link, not the link.
    Ok(fs::canonicalize(&path).unwrap_or(path))
}

fn argument(value: &Robj) -> Result<String, Failure> {
    Ok(one_text(value).ok_or_else(|| Error::argument("An entry needs a kind and an id."))?)
}

fn auxiliary_path(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

extendr_module! {
    mod registry_file;
    fn registry_read;
    fn registry_write;
}
