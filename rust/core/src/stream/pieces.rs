//! The pieces of text that a stream delivered.

/// The text of one event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// The index of the choice to which the text belongs.
    pub choice: u32,
    pub bytes: usize,
    /// When it arrived, in seconds since the opening of the stream.
    pub seconds: f32,
}

/// The pieces in order of arrival. There may be hundreds of thousands of them: a piece that arrives
/// together with the previous one and is shorter than 128 bytes takes one byte.
#[derive(Debug, Default)]
pub struct Pieces {
    /// The lengths as little-endian base-128 numbers; the high bit marks that more bytes follow.
    lengths: Vec<u8>,
    len: usize,
    groups: Vec<Group>,
}

/// Pieces of one choice that arrived together, from `first` to the first piece of the next group.
#[derive(Debug)]
struct Group {
    first: usize,
    choice: u32,
    seconds: f32,
}

impl Pieces {
    pub fn push(&mut self, piece: Piece) {
        let together = self
            .groups
            .last()
            .is_some_and(|group| (group.choice, group.seconds) == (piece.choice, piece.seconds));
        if !together {
            self.groups.push(Group {
                first: self.len,
                choice: piece.choice,
                seconds: piece.seconds,
            });
        }
        let mut rest = piece.bytes;
        while rest >= 0x80 {
            self.lengths.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.lengths.push(rest as u8);
        self.len += 1;
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn iter(&self) -> impl Iterator<Item = Piece> + '_ {
        let mut lengths = self.lengths.iter();
        let mut length = move || {
            let mut bytes = 0;
            for (index, byte) in lengths.by_ref().enumerate() {
                bytes |= usize::from(byte & 0x7f) << (7 * index);
                if byte & 0x80 == 0 {
                    break;
                }
            }
            bytes
        };
        let ends = self.groups.iter().skip(1).map(|next| next.first);
        let groups = self.groups.iter().zip(ends.chain([self.len]));
        let owners = groups.flat_map(|(group, end)| (group.first..end).map(move |_| group));
        owners.map(move |group| Piece {
            choice: group.choice,
            bytes: length(),
            seconds: group.seconds,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_round_trip() {
        let expected = [
            (0, 1, 0.5),
            (0, 127, 0.5),
            (1, 128, 0.5),
            (1, 3, 0.25),
            (0, 16_384, 0.25),
            (0, 64 << 20, 0.25),
        ];
        let expected = expected.map(|(choice, bytes, seconds)| Piece {
            choice,
            bytes,
            seconds,
        });
        let mut pieces = Pieces::default();
        assert!(pieces.is_empty() && pieces.iter().next().is_none());
        expected.into_iter().for_each(|piece| pieces.push(piece));
        assert_eq!(pieces.iter().collect::<Vec<_>>(), expected);
        assert_eq!(pieces.len(), expected.len());
    }
}
