//! The NumPy file format, version 1.0, for a matrix of 32-bit floats:
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";

/// The length of the header, padded with spaces for any shape.
pub(super) const HEADER_BYTES: usize = 128;
pub(super) const BYTES_OF_NUMBER: usize = size_of::<f32>();

const BEFORE_SHAPE: &str = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
const BEHIND_SHAPE: &str = "), }";

/// The header of a matrix in row-major order.
pub(super) fn header(rows: u64, width: usize) -> Vec<u8> {
    let text = format!("{BEFORE_SHAPE}{rows}, {width}{BEHIND_SHAPE}");
    let mut header = MAGIC.to_vec();
    let length = HEADER_BYTES - MAGIC.len() - size_of::<u16>();
    header.extend((length as u16).to_le_bytes());
    header.extend(text.bytes());
    header.resize(HEADER_BYTES - 1, b' ');
    header.push(b'\n');
    header
}

/// The width of the matrix with this header; `None` if this crate did not write it.
pub(super) fn width(bytes: &[u8]) -> Option<usize> {
    let text = bytes.get(MAGIC.len() + size_of::<u16>()..HEADER_BYTES)?;
    let text = std::str::from_utf8(text).ok()?.trim_end();
    let shape = text
        .strip_prefix(BEFORE_SHAPE)?
        .strip_suffix(BEHIND_SHAPE)?;
    let (rows, width) = shape.split_once(", ")?;
    let (rows, width) = (rows.parse().ok()?, width.parse().ok().filter(|it| *it > 0)?);
    (header(rows, width) == bytes[..HEADER_BYTES]).then_some(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_round_trips_and_fits_the_largest_shape() {
        for (rows, columns) in [(0, 1), (1_000_000, 1536), (u64::MAX, usize::MAX)] {
            let header = header(rows, columns);
            assert_eq!(header.len(), HEADER_BYTES);
            assert_eq!(width(&header), Some(columns));
        }
        assert_eq!(width(&[0; HEADER_BYTES]), None);
        assert_eq!(width(b"\x93NUMPY"), None);
    }
}
