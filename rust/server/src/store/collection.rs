//! Stored objects of one kind, oldest first; the oldest are discarded if there are too many.

use std::collections::BTreeMap;

/// The maximum number of objects of a kind.
const OBJECT_LIMIT: usize = 10_000;

/// Objects with sequential ids: `resp_1`, `resp_2` ...
#[derive(Debug)]
pub(crate) struct Collection<T> {
    prefix: &'static str,
    last: u64,
    /// Each object with its approximate size in bytes.
    objects: BTreeMap<u64, (T, usize)>,
    bytes: usize,
    bytes_limit: usize,
}

impl<T> Collection<T> {
    /// A collection for objects with this maximum total size.
    pub(crate) fn new(prefix: &'static str, bytes_limit: usize) -> Collection<T> {
        Collection {
            prefix,
            last: 0,
            objects: BTreeMap::new(),
            bytes: 0,
            bytes_limit,
        }
    }

    /// The id of the next object.
    pub(crate) fn next_id(&mut self) -> String {
        self.last += 1;
        format!("{}{}", self.prefix, self.last)
    }

    /// Stores an object under an id from [`Collection::next_id`].
    pub(crate) fn put(&mut self, id: &str, bytes: usize, object: T) {
        if let Some(number) = self.number(id) {
            self.remove(id);
            self.objects.insert(number, (object, bytes));
            self.bytes += bytes;
            self.evict(number);
        }
    }

    /// Records that an object has grown.
    pub(crate) fn grow(&mut self, id: &str, bytes: usize) {
        if let Some(number) = self.number(id) {
            if let Some((_, size)) = self.objects.get_mut(&number) {
                *size += bytes;
                self.bytes += bytes;
                self.evict(number);
            }
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        let (object, _) = self.objects.get(&self.number(id)?)?;
        Some(object)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        let number = self.number(id)?;
        let (object, _) = self.objects.get_mut(&number)?;
        Some(object)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        let number = self.number(id)?;
        let (object, bytes) = self.objects.remove(&number)?;
        self.bytes -= bytes;
        Some(object)
    }

    /// Removes all objects for which `is_retained` is false.
    pub(crate) fn retain(&mut self, is_retained: impl Fn(&T) -> bool) {
        let bytes = &mut self.bytes;
        self.objects.retain(|_, (object, size)| {
            let is_retained = is_retained(object);
            if !is_retained {
                *bytes -= *size;
            }
            is_retained
        });
    }

    /// All objects, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.objects.values().map(|(object, _)| object)
    }

    /// Discards the oldest objects, except `but`, until the limits are met.
    fn evict(&mut self, but: u64) {
        while self.objects.len() > OBJECT_LIMIT || self.bytes > self.bytes_limit {
            let oldest = self.objects.keys().find(|number| **number != but).copied();
            let Some((_, bytes)) = oldest.and_then(|number| self.objects.remove(&number)) else {
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
        let mut collection = Collection::new("x_", 100);
        for number in 1..=3 {
            let id = collection.next_id();
            assert_eq!(id, format!("x_{number}"));
            collection.put(&id, 1, number);
        }
        assert_eq!(collection.remove("x_3"), Some(3));
        assert_eq!(collection.next_id(), "x_4");
        for id in ["x_3", "x_01", "x_+1", "y_1", "x_"] {
            assert_eq!(collection.get(id), None, "{id}");
        }
        assert_eq!(collection.get("x_2"), Some(&2));
    }

    #[test]
    fn the_oldest_objects_are_discarded_when_full() {
        let mut collection = Collection::new("x_", 100);
        for _ in 0..3 {
            let id = collection.next_id();
            collection.put(&id, 40, id.clone());
        }
        assert_eq!(collection.iter().collect::<Vec<_>>(), ["x_2", "x_3"]);
        collection.grow("x_2", 100);
        assert_eq!(collection.iter().collect::<Vec<_>>(), ["x_2"]);

        let mut collection = Collection::new("x_", 100);
        for number in 0..=OBJECT_LIMIT {
            let id = collection.next_id();
            collection.put(&id, 0, number);
        }
        assert_eq!(collection.iter().next(), Some(&1));
    }
}
