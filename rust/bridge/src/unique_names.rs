//! Makes names unique like R.

use std::collections::{HashMap, HashSet};

/// The result of `make.unique()`: for each repeated name, the new name with the first free number
/// appended; `None` for names that are unchanged.
pub fn make_unique(names: &[&str]) -> Vec<Option<String>> {
    // For each name, the next number to try.
    let mut next: HashMap<&str, usize> = HashMap::with_capacity(names.len());
    let mut repeated = Vec::new();
    for (index, name) in names.iter().enumerate() {
        if next.insert(name, 1).is_some() {
            repeated.push(index);
        }
    }
    let mut made = HashSet::new();
    let mut renamed = vec![None; names.len()];
    for index in repeated {
        let name = names[index];
        let mut number = next.get(name).copied().unwrap_or(1);
        let free = loop {
            let candidate = format!("{name}.{number}");
            number += 1;
            if !next.contains_key(candidate.as_str()) && !made.contains(&candidate) {
                break candidate;
            }
        };
        next.insert(name, number);
        made.insert(free.clone());
        renamed[index] = Some(free);
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::make_unique;

    #[test]
    fn numbers_skip_existing_names() {
        let names = ["a", "a", "a.1", "b", "a", "a.1"];
        let renamed = make_unique(&names);
        let renamed: Vec<_> = renamed.iter().map(Option::as_deref).collect();
        assert_eq!(
            renamed,
            [None, Some("a.2"), None, None, Some("a.3"), Some("a.1.1")]
        );
    }
}
