//! Stored objects of one kind, oldest first; the oldest are discarded if there are too many.

use std::collections::BTreeMap;

/// The maximum number of objects of a kind.
const OBJECT_LIMIT: usize = 10_000;

/// Objects with sequential ids: `resp_1`, `resp_2` ...
#[derive(Debug)]
pub(crate) struct Shelf<T> {
    prefix: &'static str,
    last: u64,
    /// Each object with its approximate size in bytes.
    kept: BTreeMap<u64, (T, usize)>,
    bytes: usize,
    bytes_limit: usize,
}

impl<T> Shelf<T> {
    /// A shelf for objects with this maximum total size.
    pub(crate) fn new(prefix: &'static str, bytes_limit: usize) -> Shelf<T> {
        Shelf {
            prefix,
            last: 0,
            kept: BTreeMap::new(),
            bytes: 0,
            bytes_limit,
        }
    }

    /// The id of the next object.
    pub(crate) fn next_id(&mut self) -> String {
        self.last += 1;
        format!("{}{}", self.prefix, self.last)
    }

    /// Stores an object under an id from [`Shelf::next_id`].
    pub(crate) fn put(&mut self, id: &str, bytes: usize, object: T) {
        if let Some(number) = self.number(id) {
            self.remove(id);
            self.kept.insert(number, (object, bytes));
            self.bytes += bytes;
            self.forget(number);
        }
    }

    /// Records that an object has grown.
    pub(crate) fn grow(&mut self, id: &str, bytes: usize) {
        if let Some(number) = self.number(id) {
            if let Some((_, taken)) = self.kept.get_mut(&number) {
                *taken += bytes;
                self.bytes += bytes;
                self.forget(number);
            }
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        let (object, _) = self.kept.get(&self.number(id)?)?;
        Some(object)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        let number = self.number(id)?;
        let (object, _) = self.kept.get_mut(&number)?;
        Some(object)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        let number = self.number(id)?;
        let (object, bytes) = self.kept.remove(&number)?;
        self.bytes -= bytes;
        Some(object)
    }

    /// Removes all objects for which `stays` is false.
    pub(crate) fn retain(&mut self, stays: impl Fn(&T) -> bool) {
        let bytes = &mut self.bytes;
        self.kept.retain(|_, (object, taken)| {
            let stays = stays(object);
            if !stays {
                *bytes -= *taken;
            }
            stays
        });
    }

    /// All objects, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.kept.values().map(|(object, _)| object)
    }

    /// Discards the oldest objects, except `but`, until the limits are met.
    fn forget(&mut self, but: u64) {
        while self.kept.len() > OBJECT_LIMIT || self.bytes > self.bytes_limit {
            let oldest = self.kept.keys().find(|number| **number != but).copied();
            let Some((_, bytes)) = oldest.and_then(|number| self.kept.remove(&number)) else {
                return;
            };
            self.bytes -= bytes;
        }
    }

    fn number(&self, id: &str) -> Option<u64> {
        let digits = id.strip_prefix(self.prefix)?;
        let number: u64 = digits.parse().ok()?;
        (number.to_string() == digits).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_sequential_and_never_reused() {
        let mut shelf = Shelf::new("x_", 100);
        for number in 1..=3 {
            let id = shelf.next_id();
            assert_eq!(id, format!("x_{number}"));
            shelf.put(&id, 1, number);
        }
        assert_eq!(shelf.remove("x_3"), Some(3));
        assert_eq!(shelf.next_id(), "x_4");
        for id in ["x_3", "x_01", "x_+1", "y_1", "x_"] {
            assert_eq!(shelf.get(id), None, "{id}");
        }
        assert_eq!(shelf.get("x_2"), Some(&2));
    }

    #[test]
    fn the_oldest_objects_are_discarded_when_full() {
        let mut shelf = Shelf::new("x_", 100);
        for _ in 0..3 {
            let id = shelf.next_id();
            shelf.put(&id, 40, id.clone());
        }
        assert_eq!(shelf.iter().collect::<Vec<_>>(), ["x_2", "x_3"]);
        shelf.grow("x_2", 100);
        assert_eq!(shelf.iter().collect::<Vec<_>>(), ["x_2"]);

        let mut shelf = Shelf::new("x_", 100);
        for number in 0..=OBJECT_LIMIT {
            let id = shelf.next_id();
            shelf.put(&id, 0, number);
        }
        assert_eq!(shelf.iter().next(), Some(&1));
    }
}
